#pragma once

#include "common/clock.hpp"
#include "scaler/state/activity_decision.hpp"
#include "scaler/state/aggregate.hpp"
#include "scaler/state/known_triggers.hpp"

#include <optional>
#include <string>

namespace wakegate::scaler {

/// When KEDA may stop a cluster if there is no new demand until then.
struct sleep_forecast {
    std::optional<milliseconds> idle_in;   ///< until the demand ends
    std::optional<milliseconds> sleeps_in; ///< until the cooldown is over as well; never negative
    /// The stop comes with a poll, so up to this later; 0: unknown.
    milliseconds polling_interval{0};
    std::string reason; ///< why `sleeps_in` is absent
};

/// KEDA stops a target at the first poll that finds it idle once `cooldownPeriod` has passed since
/// the last poll or push that said active (pkg/scaling/executor/scale_scaledobjects.go). Another
/// replica may have answered a later poll, so KEDA may stop the cluster later than forecast.
/// `decision` is the present answer to this trigger.
[[nodiscard]] sleep_forecast forecast_sleep(
    const activity_decision& decision,
    const cluster_view& view,
    const known_trigger& entry,
    time_point now
);

/// The earlier stop of two ScaledObjects of one cluster.
[[nodiscard]] sleep_forecast
earliest_forecast(const sleep_forecast& left, const sleep_forecast& right);

} // namespace wakegate::scaler
