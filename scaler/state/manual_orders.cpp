#include "scaler/state/manual_orders.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

namespace wakegate::scaler {
namespace {

bool is_over(const std::optional<time_point>& until, time_point now) {
    return until && now >= *until;
}

} // namespace

std::string_view to_string(order_kind kind) noexcept {
    switch (kind) {
    case order_kind::wake:
        return "wake";
    case order_kind::keep_awake:
        return "keep-awake";
    case order_kind::sleep_now:
        return "sleep-now";
    }
    return "unknown";
}

std::vector<ended_order> manual_orders::apply(const manual_order& order, time_point now) {
    auto& orders = by_cluster_[order.cluster];
    std::vector<ended_order> ended;
    switch (order.kind) {
    case order_kind::wake:
        orders.wake_until = now + order.period;
        break;
    case order_kind::keep_awake:
        orders.keep_awake_until = now + order.period;
        break;
    case order_kind::sleep_now:
        if (orders.wake_until) {
            ended.push_back({order_kind::wake, order.cluster, false});
        }
        if (orders.keep_awake_until) {
            ended.push_back({order_kind::keep_awake, order.cluster, false});
        }
        orders = {.wake_until = {}, .keep_awake_until = {}, .sleep_ordered = now};
        break;
    }
    return ended;
}

orders_in_force manual_orders::in_force(std::string_view cluster, time_point now) const {
    const auto found = by_cluster_.find(cluster);
    if (found == by_cluster_.end()) {
        return {};
    }
    auto orders = found->second;
    if (is_over(orders.wake_until, now)) {
        orders.wake_until.reset();
    }
    if (is_over(orders.keep_awake_until, now)) {
        orders.keep_awake_until.reset();
    }
    return orders;
}

std::vector<ended_order> manual_orders::expire(time_point now) {
    std::vector<ended_order> ended;
    for (auto& [cluster, orders] : by_cluster_) {
        if (is_over(orders.wake_until, now)) {
            orders.wake_until.reset();
            ended.push_back({order_kind::wake, cluster, true});
        }
        if (is_over(orders.keep_awake_until, now)) {
            orders.keep_awake_until.reset();
            ended.push_back({order_kind::keep_awake, cluster, true});
        }
    }
    return ended;
}

std::string format_remaining(time_point until, time_point now) {
    constexpr std::chrono::minutes finest_minutes(2);
    const auto left = std::max(until - now, duration(0));
    if (left < finest_minutes) {
        return fmt::format("{}s", std::chrono::ceil<seconds>(left).count());
    }
    const auto minutes = std::chrono::ceil<std::chrono::minutes>(left);
    const auto hours = std::chrono::floor<std::chrono::hours>(minutes);
    if (hours.count() == 0) {
        return fmt::format("{}m", minutes.count());
    }
    const auto rest = (minutes - hours).count();
    return rest == 0 ? fmt::format("{}h", hours.count())
                     : fmt::format("{}h {}m", hours.count(), rest);
}

} // namespace wakegate::scaler
