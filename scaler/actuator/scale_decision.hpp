#pragma once

#include "common/clock.hpp"

#include <cstdint>
#include <optional>

namespace wakegate::actuator {

/// The replica fields of a ScaledObject that KEDA's executor looks at. maxReplicaCount is not among
/// them: between the minimum and the maximum only the HPA scales, and there is none here.
struct scaling_policy {
    std::uint32_t min_replicas = 0;
    std::optional<std::uint32_t> idle_replicas; ///< below min_replicas
    milliseconds cooldown_period{300'000};      ///< since the last activity
    milliseconds initial_cooldown_period{0};    ///< since `created`, while there was no activity
};

/// What is known of the target when a poll or a push is applied.
struct target_state {
    std::uint32_t replicas = 0;
    /// The outcome of the last hook is unknown: activity starts the target, inactivity stops it.
    bool state_unknown = false;
    std::optional<time_point> last_active;
    time_point created;
};

/// The scaler's answer. Both flags are set when one trigger is active and another one failed.
struct activity {
    bool active = false;
    bool error = false;
};

struct scale_decision {
    std::optional<std::uint32_t> scale_to; ///< nullopt: keep
    /// LastActiveTime becomes now. A scale-out that succeeds sets it by itself.
    bool refresh_last_active = false;

    friend bool operator==(const scale_decision&, const scale_decision&) = default;
};

/// The time from which an inactive poll stops the target, or scales it to idle; nullopt: it is
/// stopped already, or its minimum keeps it running.
[[nodiscard]] std::optional<time_point>
scale_in_allowed_from(const scaling_policy& policy, const target_state& target) noexcept;

/// KEDA's executor (pkg/scaling/executor/scale_scaledobjects.go, RequestScale), without fallback:
/// an error without activity keeps the replicas. KEDA reads the target's scale, so the state is
/// never unknown there; while it is unknown here, the decision may be to scale to the replicas
/// already assumed.
[[nodiscard]] scale_decision decide(
    const scaling_policy& policy, const target_state& target, activity seen, time_point now
) noexcept;

} // namespace wakegate::actuator
