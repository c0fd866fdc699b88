#include "proxy/report/scaler_view.hpp"

#include <algorithm>
#include <utility>

namespace wakegate::proxy {
namespace {

/// nullopt as soon as one of them is.
std::optional<time_point>
latest(const std::optional<time_point>& one, const std::optional<time_point>& other) {
    return one && other ? std::optional(std::max(*one, *other)) : std::nullopt;
}

/// Of two replicas that are both polled by ScaledObjects, or both not.
cluster_status_at_scaler merge(cluster_status_at_scaler one, cluster_status_at_scaler other) {
    if (one.answer < other.answer) {
        std::swap(one, other);
    }
    if (one.answer == other.answer) {
        one.idle_at = latest(one.idle_at, other.idle_at);
        one.sleeps_at = latest(one.sleeps_at, other.sleeps_at);
    }
    one.scaled_objects = std::max(one.scaled_objects, other.scaled_objects);
    one.received_at = std::max(one.received_at, other.received_at);
    return one;
}

} // namespace

std::string_view to_string(scaler_answer answer) noexcept {
    switch (answer) {
    case scaler_answer::idle:
        return "idle";
    case scaler_answer::unknown:
        break;
    case scaler_answer::active:
        return "active";
    }
    return "unknown";
}

void scaler_view::update(
    const std::string& replica, const std::string& cluster, cluster_status_at_scaler status
) {
    statuses_[cluster][replica] = std::move(status);
}

void scaler_view::set_proxies(const std::string& replica, std::size_t count) {
    proxies_[replica] = count;
}

void scaler_view::forget(const std::string& replica) {
    proxies_.erase(replica);
    for (auto& [cluster, replicas] : statuses_) {
        replicas.erase(replica);
    }
}

std::optional<cluster_status_at_scaler> scaler_view::for_cluster(std::string_view cluster) const {
    const auto found = statuses_.find(cluster);
    std::optional<cluster_status_at_scaler> together;
    if (found == statuses_.end()) {
        return together;
    }
    for (const auto& [replica, status] : found->second) {
        const bool is_asked = status.scaled_objects > 0;
        const bool all_are_asked = together && together->scaled_objects > 0;
        if (!together || (is_asked && !all_are_asked)) {
            together = status;
        } else if (is_asked == all_are_asked) {
            together = merge(*together, status);
        }
    }
    return together;
}

std::size_t scaler_view::proxies() const noexcept {
    std::size_t most = 0;
    for (const auto& [replica, count] : proxies_) {
        most = std::max(most, count);
    }
    return most;
}

} // namespace wakegate::proxy
