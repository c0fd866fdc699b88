#include "scaler/actuator/bell.hpp"

#include "scaler/actuator/completion.hpp"

namespace wakegate::actuator {

bell::bell(const boost::asio::any_io_executor& executor)
    : timer_(executor, boost::asio::steady_timer::time_point::max()) {}

void bell::ring() {
    timer_.cancel();
}

boost::asio::awaitable<void> bell::wait() {
    co_await timer_.async_wait(no_throw); // always "cancelled": that is the ring
}

} // namespace wakegate::actuator
