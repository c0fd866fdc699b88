#include "scaler/actuator/async_condition.hpp"

#include "scaler/actuator/completion.hpp"

namespace wakegate::actuator {

async_condition::async_condition(const boost::asio::any_io_executor& executor)
    : timer_(executor, boost::asio::steady_timer::time_point::max()) {}

void async_condition::notify() {
    timer_.cancel();
}

boost::asio::awaitable<void> async_condition::wait() {
    co_await timer_.async_wait(no_throw); // always "cancelled": that is the ring
}

} // namespace wakegate::actuator
