#pragma once

#include "common/clock.hpp"
#include "common/warning_schedule.hpp"
#include "scaler/state/activation_subscriptions.hpp"
#include "scaler/state/aggregate.hpp"
#include "scaler/state/board_status.hpp"
#include "scaler/state/demand_report.hpp"
#include "scaler/state/known_triggers.hpp"
#include "scaler/state/manual_orders.hpp"
#include "scaler/state/push_schedule.hpp"
#include "scaler/state/sleep_forecast.hpp"
#include "scaler/state/trigger.hpp"

#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace wakegate::scaler {

struct board_settings {
    aggregate_settings proxies;
    push_pace pace;
    milliseconds activity_window{60'000}; ///< for clusters without a trigger
};

/// The replica's shared state: proxies' reports, ScaledObjects' triggers and streams, operators'
/// orders. A report that brings demand reaches the subscribers before `report` returns.
///
/// Any thread; one mutex, held for memory work and `activate` calls only.
class demand_board {
public:
    using subscription = activation_subscriptions::id;

    demand_board(const board_settings& settings, time_point started);

    [[nodiscard]] report_result report(const demand_report& report, time_point now);
    [[nodiscard]] evaluation evaluate(const trigger_spec& trigger, time_point now) const;
    /// The same for a poll of IsActive; KEDA measures the cooldown from its answers.
    [[nodiscard]] evaluation
    poll(const std::string& scaled_object, const trigger_spec& trigger, time_point now);

    /// GetMetrics was refused as unknown: KEDA's poll asks it first and goes no further
    /// (pkg/scalers/external_scaler.go).
    void
    record_refusal(const std::string& scaled_object, const trigger_spec& trigger, time_point now);

    /// Notes that the ScaledObject "namespace/name" has this trigger, for `status`. False: all
    /// expected proxies have reported, and none of them has its cluster.
    bool remember(const std::string& scaled_object, const trigger_spec& trigger, time_point now);

    /// In alphabetical order.
    [[nodiscard]] std::vector<std::string> reported_clusters() const;

    /// `sink` is notified of present demand before this returns, and lives until `unsubscribe` has
    /// returned. `scaled_object`: the owner of the stream.
    [[nodiscard]] subscription subscribe(
        const trigger_spec& trigger,
        activation_sink& sink,
        time_point now,
        board_changes& changes,
        const std::string& scaled_object = {}
    );
    void unsubscribe(subscription number);

    /// Repeats pushes that are due and expires leases and orders. Call it a few times per second;
    /// first pushes do not wait for it.
    [[nodiscard]] board_changes tick(time_point now);

    /// Carries out an operator's order. An order to wake is pushed to all of the cluster's
    /// subscribers before this returns.
    [[nodiscard]] order_result apply(const manual_order& order, time_point now);

    /// Evaluated by the clusters' triggers, as for KEDA: active if any of them is.
    [[nodiscard]] board_status status(time_point now) const;

private:
    using subscriber = activation_subscriptions::subscriber;

    [[nodiscard]] cluster_view view(const std::string& cluster, time_point now) const;
    void observe(subscriber& stream, time_point now, board_changes& changes);
    void push(const subscriber& stream, time_point now, board_changes& changes);
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
    activation_subscriptions subscriptions_;
    time_point next_fault_check_;
    warning_schedule unheard_;
    warning_schedule missing_proxies_;
};

} // namespace wakegate::scaler
