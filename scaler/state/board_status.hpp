#pragma once

#include "common/clock.hpp"
#include "scaler/state/activity_decision.hpp"
#include "scaler/state/aggregate.hpp"
#include "scaler/state/manual_orders.hpp"
#include "scaler/state/sleep_forecast.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace wakegate::scaler {

/// Clients wait for a cluster to wake, and no ScaledObject asks about it.
struct unheard_demand {
    std::string cluster;
    std::uint64_t held = 0;
    /// Clusters that ScaledObjects ask about and no proxy reports, most similar name first;
    /// bounded.
    std::vector<std::string> unreported_clusters;
};

/// A ScaledObject asks about a cluster that no proxy reports, though all expected ones have
/// reported.
struct unreported_cluster {
    std::string scaled_object;
    std::string cluster;
};

/// What a call changed, for logs and counters, which the caller writes with the board unlocked.
struct board_changes {
    std::vector<proxy_change> proxies;
    std::vector<std::string> pushed; ///< a cluster for each `true` sent to a stream
    std::vector<ended_order> orders;
    std::vector<unheard_demand> unheard;    ///< to warn of now
    std::optional<proxy_shortage> shortage; ///< likewise
};

/// A replica's status of one cluster, as its acks carry it.
struct cluster_summary {
    std::string cluster;
    activity_decision decision;
    sleep_forecast forecast;
    std::size_t scaled_objects = 0; ///< that asked recently or have a stream open
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
    std::uint64_t metric = 0; ///< reported sessions; never 0 while active
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

/// `clusters` are those that proxies report or ScaledObjects ask about; bounded for those that no
/// proxy reports, since any client may invent names.
struct board_status {
    std::vector<cluster_status> clusters;
    std::vector<proxy_view> proxies;
    std::optional<proxy_shortage> shortage;
    std::vector<unheard_demand> unheard; ///< already warned of
    std::vector<unreported_cluster> unreported;
};

/// The effect of an operator's order.
struct order_result {
    /// The cluster's, with the order in force; nullopt when no proxy and no trigger has it.
    std::optional<cluster_status> status;
    std::vector<std::string> clusters; ///< without `status`: the known clusters
    board_changes changes;
};

} // namespace wakegate::scaler
