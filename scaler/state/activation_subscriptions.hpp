#pragma once

#include "scaler/state/push_schedule.hpp"
#include "scaler/state/trigger.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>

namespace wakegate::scaler {

/// Is notified of demand for a cluster; in production one StreamIsActive stream.
class activation_sink {
public:
    virtual ~activation_sink() = default;
    /// Called with the board locked, from any thread: returns at once and never calls the board.
    virtual void activate() noexcept = 0;
};

/// The sinks that are notified of demand, by cluster. Not synchronised.
class activation_subscriptions {
public:
    using id = std::uint64_t;

    struct subscriber {
        std::string scaled_object; ///< whose stream it is
        trigger_spec trigger;
        activation_sink* sink;
        push_schedule schedule;
    };

    id add(subscriber added);
    /// Ignores an unknown id.
    void remove(id number);

    [[nodiscard]] subscriber& at(id number) { return subscribers_.at(number); }

    [[nodiscard]] bool contains(std::string_view cluster) const {
        return by_cluster_.contains(cluster);
    }

    [[nodiscard]] std::size_t count(std::string_view cluster) const {
        return by_cluster_.count(cluster);
    }

    /// Adds the names of clusters that have subscribers.
    void add_clusters(std::set<std::string, std::less<>>& names) const;

    /// Calls `visit` with each subscriber of the cluster, the oldest first.
    template <typename Visit> void for_each_of(std::string_view cluster, Visit visit) {
        const auto [first, last] = by_cluster_.equal_range(cluster);
        for (auto entry = first; entry != last; ++entry) {
            visit(subscribers_.at(entry->second));
        }
    }

    template <typename Visit> void for_each_of(std::string_view cluster, Visit visit) const {
        const auto [first, last] = by_cluster_.equal_range(cluster);
        for (auto entry = first; entry != last; ++entry) {
            visit(subscribers_.at(entry->second));
        }
    }

    template <typename Visit> void for_each(Visit visit) {
        for (auto& [key, each] : subscribers_) {
            visit(each);
        }
    }

private:
    std::unordered_map<id, subscriber> subscribers_;
    std::multimap<std::string, id, std::less<>> by_cluster_;
    id last_id_ = 0;
};

} // namespace wakegate::scaler
