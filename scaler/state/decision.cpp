#include "scaler/state/decision.hpp"

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

std::string quiet_time(std::optional<time_point> last_activity, time_point now) {
    const auto quiet = std::chrono::duration_cast<seconds>(now - last_activity.value_or(now));
    return format_duration(std::max(quiet, seconds(0)));
}

/// Of clients; empty when there is none.
std::string describe_clients(const cluster_view& view, const trigger& asked, time_point now) {
    if (view.held > 0 || view.busy > 0) {
        return fmt::format("{} held, {} busy", view.held, view.busy);
    }
    if (view.waking) {
        return "a proxy is waking it";
    }
    if (view.counted_idle > 0) {
        return fmt::format("{} idle sessions that count", view.counted_idle);
    }
    if (is_in_window(view, asked.activity_window, now)) {
        return fmt::format(
            "last activity {} ago, within activityWindow {}",
            quiet_time(view.last_activity, now),
            format_duration(asked.activity_window)
        );
    }
    return {};
}

std::string describe_orders(const orders_in_force& orders, time_point now) {
    std::string text;
    if (orders.wake_until) {
        text = fmt::format("woken by hand, for another {}", remaining(*orders.wake_until, now));
    }
    if (orders.keep_awake_until) {
        text += text.empty() ? "" : "; ";
        text += fmt::format(
            "kept awake by hand for another {}", remaining(*orders.keep_awake_until, now)
        );
    }
    return text;
}

std::string describe_demand(const cluster_view& view, const trigger& asked, time_point now) {
    const auto clients = describe_clients(view, asked, now);
    const auto orders = describe_orders(view.orders, now);
    return clients.empty() || orders.empty() ? clients + orders : clients + "; " + orders;
}

std::optional<time_point> end_of_demand(const cluster_view& view, const trigger& asked) {
    if (view.held > 0 || view.busy > 0 || view.waking || view.counted_idle > 0) {
        return std::nullopt;
    }
    auto end = view.orders.wake_until;
    if (view.state != gate_state::asleep) { // what sleeps is not kept awake
        end = std::max(end, view.orders.keep_awake_until);
    }
    if (view.last_activity) {
        end = std::max(end, std::optional(*view.last_activity + asked.activity_window));
    }
    return end;
}

std::string describe_idleness(const cluster_view& view, const trigger& asked, time_point now) {
    if (!view.last_activity && view.orders.sleep_ordered) {
        return fmt::format(
            "told to sleep by hand {} ago, no activity since",
            quiet_time(view.orders.sleep_ordered, now)
        );
    }
    if (!view.last_activity) {
        return "no activity since this replica's start";
    }
    return fmt::format(
        "last activity {} ago, beyond activityWindow {}",
        quiet_time(view.last_activity, now),
        format_duration(asked.activity_window)
    );
}

} // namespace

std::string_view to_string(verdict value) noexcept {
    switch (value) {
    case verdict::active:
        return "active";
    case verdict::idle:
        return "idle";
    case verdict::unknown:
        return "unknown";
    }
    return "unknown";
}

bool has_demand(const cluster_view& view, milliseconds activity_window, time_point now) {
    return view.held > 0 || view.busy > 0 || view.waking || view.counted_idle > 0 ||
           is_in_window(view, activity_window, now) || view.orders.wake_until;
}

decision
decide(const aggregate& proxies, const cluster_view& view, const trigger& asked, time_point now) {
    const bool is_kept = view.orders.keep_awake_until && view.state == gate_state::ready;
    if (is_kept || has_demand(view, asked.activity_window, now)) {
        return {
            .answer = verdict::active,
            .reason = describe_demand(view, asked, now),
            .ends = end_of_demand(view, asked)
        };
    }
    if (view.orders.keep_awake_until && view.state != gate_state::asleep) {
        return {
            .answer = verdict::unknown,
            .reason = describe_orders(view.orders, now) + ", and no proxy knows if it is awake",
            .ends = std::nullopt
        };
    }
    if (auto inconclusive_reason = proxies.inconclusive_reason(asked.cluster, now)) {
        return {
            .answer = verdict::unknown,
            .reason = *std::move(inconclusive_reason),
            .ends = std::nullopt
        };
    }
    return {
        .answer = verdict::idle, .reason = describe_idleness(view, asked, now), .ends = std::nullopt
    };
}

decision decide(const aggregate& proxies, const trigger& asked, time_point now) {
    return decide(proxies, proxies.view(asked.cluster, now), asked, now);
}

std::uint64_t metric_value(const cluster_view& view, trigger_metric metric) {
    const auto at_work = view.held + view.busy;
    return metric == trigger_metric::sessions ? at_work + view.idle : at_work;
}

} // namespace wakegate::scaler
