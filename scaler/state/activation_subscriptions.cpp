#include "scaler/state/activation_subscriptions.hpp"

#include <algorithm>
#include <utility>

namespace wakegate::scaler {

activation_subscriptions::id activation_subscriptions::add(subscriber added) {
    const auto number = ++last_id_;
    by_cluster_.emplace(added.trigger.cluster, number);
    subscribers_.emplace(number, std::move(added));
    return number;
}

void activation_subscriptions::remove(id number) {
    const auto found = subscribers_.find(number);
    if (found == subscribers_.end()) {
        return;
    }
    const auto [first, last] = by_cluster_.equal_range(found->second.trigger.cluster);
    by_cluster_.erase(std::find_if(first, last, [number](const auto& entry) {
        return entry.second == number;
    }));
    subscribers_.erase(found);
}

void activation_subscriptions::add_clusters(std::set<std::string, std::less<>>& names) const {
    for (const auto& [name, number] : by_cluster_) {
        names.insert(name);
    }
}

} // namespace wakegate::scaler
