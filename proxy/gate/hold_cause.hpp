#pragma once

#include <string_view>

namespace wakegate::proxy {

/// Whether any scaler learns that the cluster is wanted, as far as the proxy knows.
enum class wake_channel {
    open,             ///< a scaler is connected, and as far as known a ScaledObject asks it
    no_scaled_object, ///< a scaler is connected, but no ScaledObject asks it about the cluster
    no_scaler,        ///< no scaler is connected
};

/// Why a waiting client is not let in yet.
enum class hold_cause {
    waking,           ///< nothing answers yet
    no_scaled_object, ///< the same, see `wake_channel`
    no_scaler,        ///< the same, see `wake_channel`
    turned_away,      ///< the server answered the last probe, and opened no session since
    unconfirmed,      ///< a server is there, but rejects the probe's login, so it may not be ready
    full,             ///< the cluster is ready, but all of its connections are in use
    logins,           ///< the cluster is ready, but the limit of logins is reached
};

[[nodiscard]] std::string_view to_string(hold_cause cause) noexcept;

/// The gate's cause, with what the gate does not know added.
[[nodiscard]] hold_cause with_channel(hold_cause cause, wake_channel channel) noexcept;

} // namespace wakegate::proxy
