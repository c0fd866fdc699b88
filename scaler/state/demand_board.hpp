#pragma once

#include "common/clock.hpp"
#include "scaler/state/aggregate.hpp"
#include "scaler/state/decision.hpp"
#include "scaler/state/demand_report.hpp"
#include "scaler/state/known_triggers.hpp"
#include "scaler/state/push_schedule.hpp"
#include "scaler/state/trigger.hpp"

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

namespace wakegate::scaler {

/// Whoever must hear about demand for a cluster; in production one StreamIsActive stream.
class activation_sink {
public:
    virtual ~activation_sink() = default;
    /// Called with the board locked, from any thread: returns at once and never calls the board.
    virtual void activate() noexcept = 0;
};

struct board_settings {
    aggregate_settings proxies;
    push_pace pace;
    milliseconds activity_window{60'000}; ///< of clusters that no trigger asks about
};

/// What a call changed, for logs and counters; the caller writes them after the board is unlocked.
struct board_changes {
    std::vector<proxy_change> proxies;
    std::vector<std::string> pushed; ///< the cluster of each `true` handed to a stream
};

struct report_outcome {
    bool resend = false;
    std::uint64_t acknowledged = 0;
    board_changes changes;
};

struct standing {
    decision verdict;
    std::uint64_t metric = 0; ///< sessions that are seen; never 0 while active
};

struct cluster_status {
    std::string cluster;
    cluster_view view;
    decision verdict;
    std::size_t streams = 0;
};

struct board_status {
    std::vector<cluster_status> clusters;
    std::vector<proxy_view> proxies;
};

/// The replica's shared memory: what proxies reported on one side, who waits for demand on the
/// other. A report that brings demand reaches the subscribers before `report` returns.
///
/// Any thread; one mutex, held for memory work and `activate` calls only.
class demand_board {
public:
    using subscription = std::uint64_t;

    demand_board(const board_settings& settings, time_point started);

    [[nodiscard]] report_outcome report(const demand_report& news, time_point now);
    [[nodiscard]] standing ask(const trigger& asked, time_point now) const;

    /// A ScaledObject, "namespace/name", asks with this trigger; `status` goes by it.
    void remember(const std::string& scaled_object, const trigger& asked, time_point now);

    /// `sink` hears of demand that is there already before this returns, and lives until
    /// `unsubscribe` has returned.
    [[nodiscard]] subscription
    subscribe(const trigger& asked, activation_sink& sink, time_point now, board_changes& changes);
    void unsubscribe(subscription which);

    /// Repeats that are due, leases that lapsed. Nothing that wakes a cluster for the first time
    /// waits for it; call it a few times per second.
    [[nodiscard]] board_changes tick(time_point now);

    /// What KEDA is told: by the triggers that ask about a cluster, active if any of them is.
    [[nodiscard]] board_status status(time_point now) const;

private:
    struct subscriber {
        trigger asked;
        activation_sink* sink;
        push_schedule schedule;
    };

    void observe(subscriber& waiting, time_point now, board_changes& changes);
    void observe_clusters(const demand_report& news, time_point now, board_changes& changes);
    [[nodiscard]] std::vector<trigger>
    triggers_of(const std::string& cluster, time_point now) const;
    [[nodiscard]] decision
    decide_for_all(const std::string& cluster, const cluster_view& view, time_point now) const;

    board_settings settings_;
    mutable std::mutex mutex_;
    aggregate proxies_;
    known_triggers triggers_;
    std::unordered_map<subscription, subscriber> subscribers_;
    std::multimap<std::string, subscription, std::less<>> by_cluster_;
    subscription last_subscription_ = 0;
};

} // namespace wakegate::scaler
