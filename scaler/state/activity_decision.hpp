#pragma once

#include "common/clock.hpp"
#include "scaler/state/aggregate.hpp"
#include "scaler/state/trigger.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace wakegate::scaler {

/// KEDA may scale to zero after `idle` only. `unknown` becomes UNAVAILABLE, at which KEDA keeps the
/// replicas as they are (pkg/scaling/executor/scale_scaledobjects.go).
enum class scaler_answer { active, idle, unknown };

[[nodiscard]] std::string_view to_string(scaler_answer value) noexcept;

struct activity_decision {
    scaler_answer answer = scaler_answer::unknown;
    std::string reason; ///< for operators: "2 held, 1 busy"
    /// When `active` ends by itself; known if its only cause is the activity window or an
    /// operator's order.
    std::optional<time_point> ends;
};

/// Reported demand means active, even while proxies are missing. Without demand the answer is
/// unknown as long as `aggregate::inconclusive_reason` has one. An order to keep a cluster awake
/// counts only where a proxy reports it awake, so that it wakes nothing.
[[nodiscard]] activity_decision
decide(const aggregate& proxies, const trigger_spec& trigger, time_point now);

/// The same with an existing view.
[[nodiscard]] activity_decision decide(
    const aggregate& proxies, const cluster_view& view, const trigger_spec& trigger, time_point now
);

/// Whether `view` alone shows demand, including an order to wake.
[[nodiscard]] bool
has_demand(const cluster_view& view, milliseconds activity_window, time_point now);

/// The value for KEDA's metric, in sessions.
[[nodiscard]] std::uint64_t metric_value(const cluster_view& view, trigger_metric metric);

} // namespace wakegate::scaler
