#include "scaler/actuator/cancellable_sleep.hpp"

#include "common/no_throw.hpp"

#include <boost/asio/this_coro.hpp>

namespace wakegate::actuator {

boost::asio::awaitable<bool> cancellable_sleep::until(time_point when) {
    if (ended_) {
        co_return false;
    }
    const auto executor = co_await boost::asio::this_coro::executor;
    boost::asio::steady_timer timer(executor, when);
    running_.insert(&timer);
    co_await timer.async_wait(no_throw);
    running_.erase(&timer);
    co_return !ended_;
}

void cancellable_sleep::end() {
    ended_ = true;
    wake_all();
}

void cancellable_sleep::wake_all() {
    for (auto* const timer : running_) {
        timer->cancel();
    }
}

} // namespace wakegate::actuator
