#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>

namespace wakegate {

/// A condition variable for coroutines. Check, wait, and check again, all on the executor's one
/// thread: then no notification is lost between the check and the wait.
class async_condition {
public:
    explicit async_condition(const boost::asio::any_io_executor& executor);

    /// Wakes all that wait.
    void notify();
    /// Returns after the next `notify`.
    [[nodiscard]] boost::asio::awaitable<void> wait();

private:
    boost::asio::steady_timer timer_;
};

} // namespace wakegate
