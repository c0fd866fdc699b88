#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>

namespace wakegate::actuator {

/// A condition variable for coroutines of one thread: check, then wait, then check again. Nothing
/// can ring between the check and the wait, because everything runs on that thread.
class async_condition {
public:
    explicit async_condition(const boost::asio::any_io_executor& executor);

    void notify();
    /// Returns after the next `notify`.
    [[nodiscard]] boost::asio::awaitable<void> wait();

private:
    boost::asio::steady_timer timer_;
};

} // namespace wakegate::actuator
