#include "common/async_condition.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>

#include <gtest/gtest.h>

namespace wakegate {
namespace {

namespace asio = boost::asio;

struct async_condition_test : testing::Test {
    asio::awaitable<void> wait_for(int wanted) {
        while (value < wanted) {
            co_await changed.wait();
        }
        ++reached;
    }

    void spawn(int wanted) { asio::co_spawn(context, wait_for(wanted), asio::detached); }

    void set(int next) {
        value = next;
        changed.notify();
        context.restart();
        context.poll();
    }

    asio::io_context context{1};
    async_condition changed{context.get_executor()};
    int value = 0;
    int reached = 0;
};

TEST_F(async_condition_test, wakes_all_that_wait_and_they_check_again) {
    spawn(1);
    spawn(1);
    spawn(2);
    context.poll();
    EXPECT_EQ(reached, 0);
    set(1);
    EXPECT_EQ(reached, 2);
    set(2);
    EXPECT_EQ(reached, 3);
}

TEST_F(async_condition_test, keeps_no_notification_for_later) {
    changed.notify();
    spawn(1);
    context.poll();
    EXPECT_EQ(reached, 0);
    set(1);
    EXPECT_EQ(reached, 1);
}

} // namespace
} // namespace wakegate
