#pragma once

#include <string_view>

namespace wakegate::proxy {

/// Whether anybody who can start a cluster learns that it is wanted, as far as the proxy knows.
enum class wake_channel {
    open,             ///< a scaler is connected, and no reason is known why nobody should ask it
    no_scaled_object, ///< a scaler is connected, and no ScaledObject asks it about the cluster
    no_scaler,        ///< no scaler is connected
};

/// Why a waiting client is not let in yet.
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

/// The gate's cause, refined by what the gate does not know.
[[nodiscard]] hold_cause with_channel(hold_cause cause, wake_channel channel) noexcept;

} // namespace wakegate::proxy
