#pragma once

#include "common/clock.hpp"
#include "proxy/gate/gate_error.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace wakegate::proxy {

/// Why no scaler starts a cluster, for clients.
inline constexpr std::string_view no_scaler_connected =
    "No scaler is connected to the gate, so nobody hears that the cluster is wanted.";
inline constexpr std::string_view no_scaled_object_for =
    "No ScaledObject asks the scaler about the cluster, so nobody starts it.";

/// The NoticeResponse for a held client: how long a wake usually takes, or why no scaler is about
/// to start the cluster.
[[nodiscard]] std::string
waiting_notice(hold_cause cause, std::string_view cluster, std::optional<duration> typical_wake);

} // namespace wakegate::proxy
