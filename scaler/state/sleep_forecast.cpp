#include "scaler/state/sleep_forecast.hpp"

#include <algorithm>
#include <chrono>

namespace wakegate::scaler {
namespace {

milliseconds until(time_point then, time_point now) {
    return std::max(std::chrono::ceil<milliseconds>(then - now), milliseconds(0));
}

/// As KEDA's LastActiveTime is, or will be when the demand under way has ended.
std::optional<time_point>
last_active(const decision& verdict, const cluster_view& view, const known_trigger& asking) {
    if (verdict.answer == verdict::active) {
        return verdict.ends;
    }
    if (!asking.told_active && view.last_activity) { // told by another replica, or before a restart
        return *view.last_activity + asking.asked.activity_window;
    }
    return asking.told_active;
}

} // namespace

sleep_forecast forecast_sleep(
    const decision& verdict, const cluster_view& view, const known_trigger& asking, time_point now
) {
    sleep_forecast forecast;
    forecast.poll = asking.asked.polling_interval.value_or(milliseconds(0));
    if (verdict.ends) {
        forecast.idle_in = until(*verdict.ends, now);
    }
    const bool is_held_awake = verdict.answer == verdict::active && !verdict.ends;
    if (verdict.answer == verdict::unknown || is_held_awake) {
        forecast.obstacle = verdict.reason;
        return forecast;
    }
    if (!asking.asked.cooldown_period) {
        forecast.obstacle = "the trigger's metadata has no cooldownPeriod";
        return forecast;
    }
    const auto from = last_active(verdict, view, asking);
    if (!from) {
        forecast.obstacle = verdict.reason;
        return forecast;
    }
    const auto left = until(*from + *asking.asked.cooldown_period, now);
    if (left == milliseconds(0) && view.state == gate_state::asleep) {
        forecast.obstacle = "asleep, as far as the proxies know";
        return forecast;
    }
    forecast.sleeps_in = left;
    return forecast;
}

sleep_forecast sooner(const sleep_forecast& left, const sleep_forecast& right) {
    const auto& first =
        right.sleeps_in && (!left.sleeps_in || *right.sleeps_in < *left.sleeps_in) ? right : left;
    auto combined = first;
    combined.idle_in = std::max(left.idle_in, right.idle_in); // idle when both are told so
    return combined;
}

} // namespace wakegate::scaler
