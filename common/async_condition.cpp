#include "common/async_condition.hpp"

#include "common/no_throw.hpp"

namespace wakegate {

async_condition::async_condition(const boost::asio::any_io_executor& executor)
    : timer_(executor, boost::asio::steady_timer::time_point::max()) {}

void async_condition::notify() {
    timer_.cancel();
}

boost::asio::awaitable<void> async_condition::wait() {
    co_await timer_.async_wait(no_throw); // never expires: `notify` cancels it
}

} // namespace wakegate
