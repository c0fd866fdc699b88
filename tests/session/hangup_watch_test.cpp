#include "proxy/session/hangup_watch.hpp"
#include "tests/support/loopback.hpp"

#include <boost/asio/executor_work_guard.hpp>

#include <gtest/gtest.h>

#include <optional>
#include <string>

namespace wakegate::proxy {
namespace {

using namespace support;

struct hangup_watch_test : testing::Test {
    /// Runs until the watch calls back; the work guard keeps the context from stopping before.
    void wait_for_hangup() {
        const auto work = asio::make_work_guard(context);
        context.restart();
        while (hangups == 0) {
            context.run_one();
        }
    }

    asio::io_context context{1};
    connected_pair pair{context};
    int hangups = 0;
    std::optional<hangup_watch> watch{std::in_place, pair.near, [this] { ++hangups; }};
};

TEST_F(hangup_watch_test, is_missed_when_it_hangs_up) {
    pair.far.close();
    wait_for_hangup();
    context.poll();
    EXPECT_EQ(hangups, 1);
}

TEST_F(hangup_watch_test, is_missed_when_its_connection_is_reset) {
    pair.far.set_option(tcp::socket::linger(true, 0));
    pair.far.close();
    wait_for_hangup();
    EXPECT_EQ(hangups, 1);
}

TEST_F(hangup_watch_test, is_missed_even_behind_bytes_that_nobody_reads) {
    const std::string eager = "what it could not wait to say";
    asio::write(pair.far, asio::buffer(eager));
    pair.far.close();
    wait_for_hangup();
    EXPECT_EQ(pair.near.available(), eager.size()) << "which are still there";
}

TEST_F(hangup_watch_test, may_speak_and_stay) {
    asio::write(pair.far, asio::buffer("x", 1));
    context.run_one(); // the bytes wake the watch
    EXPECT_EQ(hangups, 0);
    watch.reset();
    pair.far.close();
    context.run(); // no operation of the watch is pending any more
    EXPECT_EQ(hangups, 0);
    const auto bytes = run(context, receive_to_end(pair.near));
    EXPECT_EQ(bytes, "x") << "it read nothing";
}

} // namespace
} // namespace wakegate::proxy
