#pragma once

#include "common/clock.hpp"
#include "scaler/state/activity_decision.hpp"
#include "scaler/state/aggregate.hpp"
#include "scaler/state/known_triggers.hpp"

#include <optional>
#include <string>

namespace wakegate::scaler {

/// When whoever scales may stop a cluster if nothing happens until then.
struct sleep_forecast {
    std::optional<milliseconds> idle_in;   ///< until the demand ends, and is believed to have
    std::optional<milliseconds> sleeps_in; ///< until the cooldown is over as well; never negative
    milliseconds polling_interval{0
    }; ///< it is stopped by a poll, so up to this later; 0: not known
    std::string reason; ///< why `sleeps_in` is not known, or what keeps the cluster awake
};

/// KEDA stops a target at the first poll that finds it idle once `cooldownPeriod` has passed since
/// the last poll or push that said active (pkg/scaling/executor/scale_scaledobjects.go); other
/// replicas may have answered a later one, so this may come before KEDA's own moment.
/// `decision` is what that trigger is told now.
[[nodiscard]] sleep_forecast forecast_sleep(
    const activity_decision& decision,
    const cluster_view& view,
    const known_trigger& asking,
    time_point now
);

/// Of two ScaledObjects of one cluster: what comes first.
[[nodiscard]] sleep_forecast
earliest_forecast(const sleep_forecast& left, const sleep_forecast& right);

} // namespace wakegate::scaler
