#include "common/async_condition.hpp"
#include "scaler/actuator/async_mutex.hpp"
#include "tests/actuator/event_loop.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include <gtest/gtest.h>

#include <vector>

namespace wakegate::actuator {
namespace {

using testing::run_until;

struct visit_order {
    explicit visit_order(const boost::asio::any_io_executor& executor)
        : turns(executor), leave(executor) {}

    async_mutex turns;
    async_condition leave;
    std::vector<int> entered;
};

boost::asio::awaitable<void> visit(visit_order& order, int visitor) {
    const auto guard = co_await order.turns.lock();
    order.entered.push_back(visitor);
    co_await order.leave.wait();
}

TEST(async_mutex, lets_in_one_at_a_time_in_the_order_they_came) {
    boost::asio::io_context context;
    visit_order order(context.get_executor());
    for (int visitor = 1; visitor <= 3; ++visitor) {
        boost::asio::co_spawn(context, visit(order, visitor), boost::asio::detached);
    }
    for (std::size_t inside = 1; inside <= 3; ++inside) {
        ASSERT_TRUE(run_until(context, [&] { return order.entered.size() == inside; }));
        context.poll();
        EXPECT_EQ(order.entered.size(), inside);
        order.leave.notify();
    }
    context.restart();
    context.run();
    EXPECT_EQ(order.entered, (std::vector{1, 2, 3}));
}

} // namespace
} // namespace wakegate::actuator
