#include "scaler/state/sleep_forecast.hpp"

#include <algorithm>
#include <chrono>

namespace wakegate::scaler {
namespace {

milliseconds until(time_point then, time_point now) {
    return std::max(std::chrono::ceil<milliseconds>(then - now), milliseconds(0));
}

/// KEDA's LastActiveTime: as it is, or will be once the present demand has ended.
std::optional<time_point> last_active(
    const activity_decision& decision, const cluster_view& view, const known_trigger& entry
) {
    if (decision.answer == scaler_answer::active) {
        return decision.ends;
    }
    if (!entry.last_active_answer &&
        view.last_activity) { // another replica may have answered active
        return *view.last_activity + entry.trigger.activity_window;
    }
    return entry.last_active_answer;
}

} // namespace

sleep_forecast forecast_sleep(
    const activity_decision& decision,
    const cluster_view& view,
    const known_trigger& entry,
    time_point now
) {
    sleep_forecast forecast;
    forecast.polling_interval = entry.trigger.polling_interval.value_or(milliseconds(0));
    if (decision.ends) {
        forecast.idle_in = until(*decision.ends, now);
    }
    const bool is_held_awake = decision.answer == scaler_answer::active && !decision.ends;
    if (decision.answer == scaler_answer::unknown || is_held_awake) {
        forecast.reason = decision.reason;
        return forecast;
    }
    if (!entry.trigger.cooldown_period) {
        forecast.reason = "the trigger's metadata has no cooldownPeriod";
        return forecast;
    }
    const auto active_until = last_active(decision, view, entry);
    if (!active_until) {
        forecast.reason = decision.reason;
        return forecast;
    }
    const auto left = until(*active_until + *entry.trigger.cooldown_period, now);
    if (left == milliseconds(0) && view.state == gate_state::asleep) {
        forecast.reason = "asleep, as far as the proxies know";
        return forecast;
    }
    forecast.sleeps_in = left;
    return forecast;
}

sleep_forecast earliest_forecast(const sleep_forecast& left, const sleep_forecast& right) {
    const auto& first =
        right.sleeps_in && (!left.sleeps_in || *right.sleeps_in < *left.sleeps_in) ? right : left;
    auto combined = first;
    combined.idle_in = std::max(left.idle_in, right.idle_in); // idle for both
    return combined;
}

} // namespace wakegate::scaler
