#pragma once

#include "common/clock.hpp"
#include "proxy/relay/batched_iteration.hpp"
#include "proxy/relay/relay_slot.hpp"
#include "proxy/relay/timeout_overrides.hpp"

namespace wakegate::proxy {

/// Checks a relay loop's connections from time to time, a batch in each turn, and overrides their
/// TCP timeouts where that is needed, see `timeout_overrides`. Lives on the loop's thread.
class connection_checker {
public:
    /// `shortest_user_timeout`: see `relay_loop`. `slots` outlives this.
    connection_checker(relay_slot_list& slots, milliseconds shortest_user_timeout);

    /// When to call `check`; `time_point::max()` for never.
    [[nodiscard]] time_point due() const noexcept;
    void check(time_point now);

    /// Probes of these servers have failed.
    void suspect(server_group servers, time_point now);

    /// Before its slot leaves the list.
    void forget(relay_slot& slot);

private:
    void check_windows(time_point now);

    relay_slot_list& slots_;
    const milliseconds window_interval_;
    timeout_overrides overrides_;
    time_point suspects_due_ = time_point::max();
    time_point windows_due_ = time_point::max();
    batched_iteration<relay_slot_list> window_iteration_{slots_};
};

} // namespace wakegate::proxy
