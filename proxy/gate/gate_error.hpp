#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace wakegate::proxy {

/// Whether anybody who can start a cluster learns that it is wanted, as far as the proxy knows.
enum class wake_channel {
    open,             ///< a scaler is connected, and no reason is known why nobody should ask it
    no_scaled_object, ///< a scaler is connected, and no ScaledObject asks it about the cluster
    no_scaler,        ///< no scaler is connected
};

/// Why a client that waits is not let in yet.
enum class hold_cause {
    waking,           ///< nothing answers yet
    no_scaled_object, ///< the same, see `wake_channel`
    no_scaler,        ///< the same, see `wake_channel`
    turned_away,      ///< the server answered the last probe, and opened no session since
    unconfirmed, ///< a server is there, and does not let the probe find out whether it is ready
    full,        ///< the cluster is ready, and all of its connections are in use
    logins,      ///< the cluster is ready, and as many logins as may be are under way
};

[[nodiscard]] std::string_view to_string(hold_cause cause) noexcept;

/// The gate's cause, seen with what the gate does not know.
[[nodiscard]] hold_cause with_channel(hold_cause cause, wake_channel channel) noexcept;

enum class gate_error {
    // The deadline passed while the client waited, each for the cause of that name.
    hold_timeout,     ///< `waking`: 57P03
    no_scaled_object, ///< 57P03
    no_scaler,        ///< 57P03
    turned_away,      ///< 57P03
    unconfirmed,      ///< 57P03
    logins,           ///< 57P03
    full,             ///< 53300; with `refuse_when_full` at once

    queue_full,   ///< `max_waiting` of the cluster or of the proxy: 53300
    draining,     ///< the proxy is leaving: 57P03
    may_not_wake, ///< the cluster is asleep, and the client is not to wake it: 57P03
    hung_up,      ///< the client left; nobody reads the answer
};

/// What a session gets for its wait. Without a reason it may dial, and owes the gate's keeper one
/// `closed`.
struct admission {
    std::optional<gate_error> error;
    std::size_t connections = 0; ///< of `gate_error::full`: all of them
};

/// Of a client whose deadline passes while it is held for this.
[[nodiscard]] gate_error timeout_error(hold_cause cause) noexcept;

} // namespace wakegate::proxy
