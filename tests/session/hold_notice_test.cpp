#include "proxy/session/hold_notice.hpp"
#include "tests/support/loopback.hpp"

#include <gtest/gtest.h>

#include <string>

namespace wakegate::proxy {
namespace {

using namespace support;

struct hold_notice_test : testing::Test {
    asio::io_context context{1};
    connected_pair pair{context};
    client_socket client{std::move(pair.near)};
};

TEST_F(hold_notice_test, tells_the_client_once_its_time_has_come) {
    const hold_notice notice(client, milliseconds(1), [] { return std::string("hello"); });
    EXPECT_FALSE(notice.sent());
    EXPECT_EQ(run(context, receive(pair.far, 5)), "hello");
    run(context, notice.finish_sending());
    EXPECT_TRUE(notice.sent());
}

TEST_F(hold_notice_test, says_nothing_after_it_is_over) {
    bool is_built = false;
    {
        const hold_notice notice(client, milliseconds(0), [&is_built] {
            is_built = true;
            return std::string("too late");
        });
    }
    context.run();
    EXPECT_FALSE(is_built);
}

TEST_F(hold_notice_test, survives_a_client_that_is_gone) {
    pair.far.close();
    const hold_notice notice(client, milliseconds(1), [] { return std::string("hello"); });
    context.run();
    EXPECT_TRUE(notice.sent());
}

} // namespace
} // namespace wakegate::proxy
