#include "scaler/state/order_answer.hpp"

#include "common/edit_distance.hpp"
#include "common/units.hpp"
#include "scaler/state/known_triggers.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <chrono>
#include <string_view>

namespace wakegate::scaler {
namespace {

std::string count_of(std::size_t count, std::string_view singular, std::string_view plural) {
    return fmt::format("{} {}", count, count == 1 ? singular : plural);
}

/// Which ScaledObjects learn of a wake, and how.
std::string describe_audience(const order_result& outcome) {
    const auto streams = outcome.status->streams;
    const auto objects = outcome.status->scaled_objects.size();
    if (objects == 0) {
        return fmt::format(
            "nobody has asked this replica about it in the last {}, so nobody starts it here",
            format_duration(known_triggers::remembered)
        );
    }
    return fmt::format(
        "{} about it, {} open: {}",
        count_of(objects, "ScaledObject asks", "ScaledObjects ask"),
        count_of(streams, "stream", "streams"),
        streams > 0 ? "pushed" : "told at the next poll"
    );
}

std::string_view describe_state(gate_state state) {
    switch (state) {
    case gate_state::ready:
        return "it is awake";
    case gate_state::asleep:
        return "it sleeps, and this does not wake it";
    case gate_state::waking:
        return "it is being woken";
    case gate_state::unknown:
    case gate_state::draining:
        break;
    }
    return "no proxy knows if it is awake";
}

std::string describe_sleep(const order_result& outcome) {
    const auto& [answer, reason, ends] = outcome.status->decision;
    const auto& forecast = outcome.status->forecast;
    std::string text;
    for (const auto& ended : outcome.changes.orders) {
        text += fmt::format("{} ended; ", to_string(ended.kind));
    }
    switch (answer) {
    case scaler_answer::active:
        return text + "it stays awake: " + reason;
    case scaler_answer::idle:
        text += "idle from now on; ";
        if (!forecast.sleeps_in) {
            return text + "KEDA stops it at the first poll after its cooldownPeriod";
        }
        return text +
               fmt::format(
                   "KEDA stops it at the first poll in {} or later, after its cooldownPeriod",
                   format_duration(std::chrono::ceil<seconds>(*forecast.sleeps_in))
               );
    case scaler_answer::unknown:
        break;
    }
    return text + "KEDA leaves it as it is until more is known: " + reason;
}

} // namespace

std::string describe_taken(const manual_order& order, const order_result& outcome) {
    switch (order.kind) {
    case order_kind::wake:
        return fmt::format(
            "{}: woken by hand for {}; {}",
            order.cluster,
            format_duration(order.period),
            describe_audience(outcome)
        );
    case order_kind::keep_awake:
        return fmt::format(
            "{}: while it is awake it is kept so, for {}; {}",
            order.cluster,
            format_duration(order.period),
            describe_state(outcome.status->view.state)
        );
    case order_kind::sleep_now:
        break;
    }
    return fmt::format("{}: {}", order.cluster, describe_sleep(outcome));
}

std::string describe_unknown(const manual_order& order, const order_result& outcome) {
    constexpr std::size_t max_named = 10;
    if (outcome.clusters.empty()) {
        return fmt::format(
            "nobody asks about '{}', and no proxy has named any cluster yet", order.cluster
        );
    }
    auto known = nearest_first(outcome.clusters, order.cluster);
    const auto left_out = known.size() - std::min(known.size(), max_named);
    known.resize(known.size() - left_out);
    return fmt::format(
        "nobody asks about '{}'; clusters here: {}{}",
        order.cluster,
        fmt::join(known, ", "),
        left_out == 0 ? "" : fmt::format(" and {} more", left_out)
    );
}

} // namespace wakegate::scaler
