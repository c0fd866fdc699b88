#pragma once

#include "common/clock.hpp"
#include "scaler/state/activity_decision.hpp"
#include "scaler/state/aggregate.hpp"
#include "scaler/state/demand_report.hpp"
#include "scaler/state/known_triggers.hpp"
#include "scaler/state/manual_orders.hpp"
#include "scaler/state/push_schedule.hpp"
#include "scaler/state/reminders.hpp"
#include "scaler/state/sleep_forecast.hpp"
#include "scaler/state/trigger.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <set>
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

/// Somebody waits for a cluster to wake, and no ScaledObject asks about it.
struct unheard_demand {
    std::string cluster;
    std::uint64_t held = 0;
    /// What ScaledObjects do ask about and no proxy names, nearest name first; not all of very
    /// many.
    std::vector<std::string> unreported_clusters;
};

/// A ScaledObject asks about a cluster that no proxy names, though all have reported.
struct unreported_cluster {
    std::string scaled_object;
    std::string cluster;
};

/// What a call changed, for logs and counters; the caller writes them after the board is unlocked.
struct board_changes {
    std::vector<proxy_change> proxies;
    std::vector<std::string> pushed; ///< the cluster of each `true` handed to a stream
    std::vector<ended_order> orders;
    std::vector<unheard_demand> unheard;    ///< due to be warned of, as `reminders` has it
    std::optional<proxy_shortage> shortage; ///< likewise
};

/// What a replica makes of one cluster.
struct cluster_summary {
    std::string cluster;
    activity_decision decision;
    sleep_forecast forecast;
    std::size_t scaled_objects = 0; ///< ScaledObjects that asked lately or have a stream open
};

struct report_result {
    bool request_snapshot = false;
    std::uint64_t acknowledged = 0;
    std::vector<cluster_summary> clusters; ///< of the report
    std::uint32_t proxies = 0;             ///< that hold a lease
    board_changes changes;
};

struct evaluation {
    activity_decision decision;
    std::uint64_t metric = 0; ///< sessions that are seen; never 0 while active
};

struct scaled_object_status {
    std::string scaled_object;
    std::optional<time_point> last_poll;
    std::optional<time_point> last_active_answer;
    std::size_t streams = 0;
};

struct cluster_status {
    std::string cluster;
    cluster_view view;
    activity_decision decision;
    std::size_t streams = 0;
    sleep_forecast forecast;
    std::vector<scaled_object_status> scaled_objects;
};

/// `clusters` are those that proxies name or ScaledObjects ask about; of very many that no proxy
/// names, not all: whoever reaches the port may make them up.
struct board_status {
    std::vector<cluster_status> clusters;
    std::vector<proxy_view> proxies;
    std::optional<proxy_shortage> shortage;
    std::vector<unheard_demand> unheard; ///< that has been warned of
    std::vector<unreported_cluster> unreported;
};

/// What has become of an operator's order.
struct order_result {
    /// Of the cluster, with the order in force; nullopt when no proxy and no trigger names it.
    std::optional<cluster_status> status;
    std::vector<std::string> clusters; ///< otherwise: which they do name
    board_changes changes;
};

/// The replica's shared memory: what proxies reported on one side, who waits for demand on the
/// other. A report that brings demand reaches the subscribers before `report` returns.
///
/// Any thread; one mutex, held for memory work and `activate` calls only.
class demand_board {
public:
    using subscription = std::uint64_t;

    demand_board(const board_settings& settings, time_point started);

    [[nodiscard]] report_result report(const demand_report& report, time_point now);
    [[nodiscard]] evaluation evaluate(const trigger_spec& trigger, time_point now) const;
    /// The same for a poll of IsActive, by whose answers KEDA counts the cooldown.
    [[nodiscard]] evaluation
    poll(const std::string& scaled_object, const trigger_spec& trigger, time_point now);

    /// GetMetrics was refused as unknown: KEDA's poll asks it first and goes no further
    /// (pkg/scalers/external_scaler.go).
    void
    record_refusal(const std::string& scaled_object, const trigger_spec& trigger, time_point now);

    /// A ScaledObject, "namespace/name", asks with this trigger; `status` goes by it. False: the
    /// proxies have reported, and none of them names its cluster.
    bool remember(const std::string& scaled_object, const trigger_spec& trigger, time_point now);

    /// Every cluster a proxy has named, in alphabetical order.
    [[nodiscard]] std::vector<std::string> reported_clusters() const;

    /// `sink` hears of demand that is there already before this returns, and lives until
    /// `unsubscribe` has returned. `scaled_object` is whose stream it is.
    [[nodiscard]] subscription subscribe(
        const trigger_spec& trigger,
        activation_sink& sink,
        time_point now,
        board_changes& changes,
        const std::string& scaled_object = {}
    );
    void unsubscribe(subscription which);

    /// Repeats that are due, leases that lapsed. Nothing that wakes a cluster for the first time
    /// waits for it; call it a few times per second.
    [[nodiscard]] board_changes tick(time_point now);

    /// Carries out what an operator has ordered. One to wake reaches the cluster's subscribers
    /// before this returns, whatever they have heard before.
    [[nodiscard]] order_result apply(const manual_order& order, time_point now);

    /// What KEDA is told: by the triggers that ask about a cluster, active if any of them is.
    [[nodiscard]] board_status status(time_point now) const;

private:
    struct subscriber {
        std::string scaled_object;
        trigger_spec trigger;
        activation_sink* sink;
        push_schedule schedule;
    };

    [[nodiscard]] cluster_view view(const std::string& cluster, time_point now) const;
    void observe(subscriber& waiting, time_point now, board_changes& changes);
    void push(const subscriber& waiting, time_point now, board_changes& changes);
    void push_to_all(const std::string& cluster, time_point now, board_changes& changes);
    void observe_clusters(const demand_report& report, time_point now, board_changes& changes);
    void observe_faults(time_point now, board_changes& changes);
    [[nodiscard]] std::vector<known_trigger>
    triggers_of(const std::string& cluster, time_point now) const;
    [[nodiscard]] cluster_summary
    summarize(const std::string& cluster, const cluster_view& view, time_point now) const;
    [[nodiscard]] cluster_status describe(const std::string& cluster, time_point now) const;
    [[nodiscard]] std::vector<scaled_object_status>
    scaled_objects_of(const std::string& cluster, time_point now) const;
    [[nodiscard]] std::vector<std::string> unreported_clusters(time_point now) const;
    [[nodiscard]] bool is_known(const std::string& cluster, time_point now) const;
    [[nodiscard]] std::vector<std::string> known_clusters(const std::vector<std::string>& unreported
    ) const;
    [[nodiscard]] bool is_unheard(const std::string& cluster, time_point now) const;
    [[nodiscard]] unheard_demand make_unheard(
        const std::string& cluster, const std::vector<std::string>& unreported, time_point now
    ) const;

    board_settings settings_;
    mutable std::mutex mutex_;
    aggregate proxies_;
    known_triggers triggers_;
    manual_orders orders_;
    std::unordered_map<subscription, subscriber> subscribers_;
    std::multimap<std::string, subscription, std::less<>> by_cluster_;
    subscription last_subscription_ = 0;
    time_point next_fault_check_;
    reminders unheard_;
    reminders missing_proxies_;
};

} // namespace wakegate::scaler
