#pragma once

#include "common/clock.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>

#include <set>

namespace wakegate::actuator {

/// The sleeps of one object's loops, which a shutdown cuts short all at once. One thread.
class cancellable_sleep {
public:
    /// False: `end` was called, leave the loop.
    [[nodiscard]] boost::asio::awaitable<bool> until(time_point when);
    /// Ends the running sleeps; their loops go on.
    void wake_all();
    /// Ends the running sleeps and all later ones.
    void end();

    [[nodiscard]] bool ended() const noexcept { return ended_; }

private:
    std::set<boost::asio::steady_timer*> running_;
    bool ended_ = false;
};

} // namespace wakegate::actuator
