#include "scaler/state/activity_decision.hpp"

#include "common/units.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <optional>

namespace wakegate::scaler {
namespace {

bool is_in_window(const cluster_view& view, milliseconds activity_window, time_point now) {
    return view.last_activity && now - *view.last_activity < activity_window;
}

std::string format_age(std::optional<time_point> last_activity, time_point now) {
    const auto quiet = std::chrono::duration_cast<seconds>(now - last_activity.value_or(now));
    return format_duration(std::max(quiet, seconds(0)));
}

/// Clients' demand; empty when there is none.
std::string
describe_clients(const cluster_view& view, const trigger_spec& trigger, time_point now) {
    if (view.held > 0 || view.busy > 0) {
        return fmt::format("{} held, {} busy", view.held, view.busy);
    }
    if (view.waking) {
        return "a proxy is waking it";
    }
    if (view.counted_idle > 0) {
        return fmt::format("{} idle sessions that count", view.counted_idle);
    }
    if (is_in_window(view, trigger.activity_window, now)) {
        return fmt::format(
            "last activity {} ago, within activityWindow {}",
            format_age(view.last_activity, now),
            format_duration(trigger.activity_window)
        );
    }
    return {};
}

std::string describe_orders(const orders_in_force& orders, time_point now) {
    std::string text;
    if (orders.wake_until) {
        text =
            fmt::format("woken by hand, for another {}", format_remaining(*orders.wake_until, now));
    }
    if (orders.keep_awake_until) {
        text += text.empty() ? "" : "; ";
        text += fmt::format(
            "kept awake by hand for another {}", format_remaining(*orders.keep_awake_until, now)
        );
    }
    return text;
}

std::string describe_demand(const cluster_view& view, const trigger_spec& trigger, time_point now) {
    const auto clients = describe_clients(view, trigger, now);
    const auto orders = describe_orders(view.orders, now);
    return clients.empty() || orders.empty() ? clients + orders : clients + "; " + orders;
}

std::optional<time_point> end_of_demand(const cluster_view& view, const trigger_spec& trigger) {
    if (view.held > 0 || view.busy > 0 || view.waking || view.counted_idle > 0) {
        return std::nullopt;
    }
    auto end = view.orders.wake_until;
    if (view.state != gate_state::asleep) { // an order to keep awake starts nothing
        end = std::max(end, view.orders.keep_awake_until);
    }
    if (view.last_activity) {
        end = std::max(end, std::optional(*view.last_activity + trigger.activity_window));
    }
    return end;
}

std::string
describe_idleness(const cluster_view& view, const trigger_spec& trigger, time_point now) {
    if (!view.last_activity && view.orders.sleep_ordered) {
        return fmt::format(
            "told to sleep by hand {} ago, no activity since",
            format_age(view.orders.sleep_ordered, now)
        );
    }
    if (!view.last_activity) {
        return "no activity since this replica's start";
    }
    return fmt::format(
        "last activity {} ago, beyond activityWindow {}",
        format_age(view.last_activity, now),
        format_duration(trigger.activity_window)
    );
}

} // namespace

std::string_view to_string(scaler_answer value) noexcept {
    switch (value) {
    case scaler_answer::active:
        return "active";
    case scaler_answer::idle:
        return "idle";
    case scaler_answer::unknown:
        return "unknown";
    }
    return "unknown";
}

bool has_demand(const cluster_view& view, milliseconds activity_window, time_point now) {
    return view.held > 0 || view.busy > 0 || view.waking || view.counted_idle > 0 ||
           is_in_window(view, activity_window, now) || view.orders.wake_until;
}

activity_decision decide(
    const aggregate& proxies, const cluster_view& view, const trigger_spec& trigger, time_point now
) {
    const bool is_kept = view.orders.keep_awake_until && view.state == gate_state::ready;
    if (is_kept || has_demand(view, trigger.activity_window, now)) {
        return {
            .answer = scaler_answer::active,
            .reason = describe_demand(view, trigger, now),
            .ends = end_of_demand(view, trigger)
        };
    }
    if (view.orders.keep_awake_until && view.state != gate_state::asleep) {
        return {
            .answer = scaler_answer::unknown,
            .reason = describe_orders(view.orders, now) + ", and no proxy knows if it is awake",
            .ends = std::nullopt
        };
    }
    if (auto inconclusive_reason = proxies.inconclusive_reason(trigger.cluster, now)) {
        return {
            .answer = scaler_answer::unknown,
            .reason = *std::move(inconclusive_reason),
            .ends = std::nullopt
        };
    }
    return {
        .answer = scaler_answer::idle,
        .reason = describe_idleness(view, trigger, now),
        .ends = std::nullopt
    };
}

activity_decision decide(const aggregate& proxies, const trigger_spec& trigger, time_point now) {
    return decide(proxies, proxies.view(trigger.cluster, now), trigger, now);
}

std::uint64_t metric_value(const cluster_view& view, trigger_metric metric) {
    const auto at_work = view.held + view.busy;
    return metric == trigger_metric::sessions ? at_work + view.idle : at_work;
}

} // namespace wakegate::scaler
