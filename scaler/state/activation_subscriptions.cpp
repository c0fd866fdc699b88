#include "scaler/state/activation_subscriptions.hpp"

#include <algorithm>
#include <utility>

namespace wakegate::scaler {

activation_subscriptions::id activation_subscriptions::add(subscriber added) {
    const auto which = ++last_id_;
    by_cluster_.emplace(added.trigger.cluster, which);
    subscribers_.emplace(which, std::move(added));
    return which;
}

void activation_subscriptions::remove(id which) {
    const auto found = subscribers_.find(which);
    if (found == subscribers_.end()) {
        return;
    }
    const auto [first, last] = by_cluster_.equal_range(found->second.trigger.cluster);
    by_cluster_.erase(std::find_if(first, last, [which](const auto& entry) {
        return entry.second == which;
    }));
    subscribers_.erase(found);
}

void activation_subscriptions::add_clusters(std::set<std::string, std::less<>>& names) const {
    for (const auto& [name, which] : by_cluster_) {
        names.insert(name);
    }
}

} // namespace wakegate::scaler
