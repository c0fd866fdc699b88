#include "common/no_throw.hpp"
#include "proxy/net/phase_deadline.hpp"
#include "tests/support/loopback.hpp"

#include <gtest/gtest.h>

#include <optional>

namespace wakegate::proxy {
namespace {

using namespace support;

struct phase_deadline_test : testing::Test {
    /// Reads one byte; false when the wait for it has failed.
    bool hears_one(tcp::socket& socket) { return run(context, hear_one(socket)); }

    static asio::awaitable<bool> hear_one(tcp::socket& socket) {
        char byte = 0;
        const auto room = asio::buffer(&byte, 1);
        const auto [error, count] = co_await socket.async_read_some(room, no_throw);
        co_return !error;
    }

    asio::io_context context{1};
    connected_pair pair{context};
};

TEST_F(phase_deadline_test, fails_what_waits_on_the_socket) {
    const phase_deadline deadline(pair.near, milliseconds(1));
    EXPECT_FALSE(hears_one(pair.near));
    EXPECT_TRUE(deadline.expired());
}

TEST_F(phase_deadline_test, fails_what_begins_to_wait_after_it_has_passed) {
    const phase_deadline deadline(pair.near, milliseconds(1));
    EXPECT_FALSE(hears_one(pair.near));
    EXPECT_FALSE(hears_one(pair.near));
}

TEST_F(phase_deadline_test, lets_a_wait_be_that_ends_before) {
    const phase_deadline deadline(pair.near, seconds(60));
    EXPECT_TRUE(run(context, send_all(pair.far, "x")));
    EXPECT_TRUE(hears_one(pair.near));
    EXPECT_FALSE(deadline.expired());
}

TEST_F(phase_deadline_test, is_over_with_its_scope) {
    std::optional<phase_deadline> first(std::in_place, pair.near, milliseconds(1));
    const phase_deadline later(pair.far, milliseconds(1)); // expires after the first would
    first.reset();
    EXPECT_FALSE(hears_one(pair.far));
    EXPECT_TRUE(later.expired());
    EXPECT_TRUE(run(context, send_all(pair.far, "x")));
    EXPECT_TRUE(hears_one(pair.near));
}

TEST_F(phase_deadline_test, is_one_of_many) {
    const phase_deadline far_off(pair.near, seconds(60));
    const phase_deadline near_by(pair.far, milliseconds(1));
    const phase_deadline near_by_too(pair.near, milliseconds(2));
    EXPECT_FALSE(hears_one(pair.near));
    EXPECT_TRUE(near_by.expired());
    EXPECT_TRUE(near_by_too.expired());
    EXPECT_FALSE(far_off.expired());
}

} // namespace
} // namespace wakegate::proxy
