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
    /// When `active` ends by itself: known where nothing but the activity window or an operator's
    /// order makes it so.
    std::optional<time_point> ends;
};

/// Demand that is seen counts, whatever else is in doubt; without any, doubt outweighs idleness.
/// An order to keep it awake counts only where a proxy sees it awake, so that it wakes nothing.
[[nodiscard]] activity_decision
decide(const aggregate& proxies, const trigger_spec& trigger, time_point now);

/// The same by an existing view, for callers that need both.
[[nodiscard]] activity_decision decide(
    const aggregate& proxies, const cluster_view& view, const trigger_spec& trigger, time_point now
);

/// Whether `view` alone shows demand, an order to wake included; the cheap half of `decide`.
[[nodiscard]] bool
has_demand(const cluster_view& view, milliseconds activity_window, time_point now);

/// The value for KEDA's metric, in sessions.
[[nodiscard]] std::uint64_t metric_value(const cluster_view& view, trigger_metric metric);

} // namespace wakegate::scaler
