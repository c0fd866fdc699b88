#include "scaler/state/demand_board.hpp"

#include "common/edit_distance.hpp"

#include <algorithm>
#include <random>
#include <set>
#include <string_view>
#include <utility>

namespace wakegate::scaler {
namespace {

/// How long faults last before they are warned of: KEDA polls every few seconds or has a stream,
/// and a proxy that is replaced is back sooner.
constexpr milliseconds fault_delay{10'000};
constexpr milliseconds fault_check_interval{1'000};
/// Bounded since any client may invent names.
constexpr std::size_t max_unreported = 100;

} // namespace

demand_board::demand_board(const board_settings& settings, time_point started)
    : settings_(settings),
      proxies_(settings.proxies, started),
      next_fault_check_(started),
      unheard_(fault_delay),
      missing_proxies_(milliseconds(0)) {}

report_result demand_board::report(const demand_report& report, time_point now) {
    const std::lock_guard lock(mutex_);
    report_result outcome;
    // Observes before and after the report: if the activity window has expired since the last call,
    // new demand is an edge again.
    observe_clusters(report, now, outcome.changes);
    auto applied = proxies_.apply(report, now);
    observe_clusters(report, now, outcome.changes);
    outcome.request_snapshot = applied.request_snapshot;
    outcome.acknowledged = applied.acknowledged;
    if (applied.change) {
        outcome.changes.proxies.push_back(*std::move(applied.change));
    }
    for (const auto& demand : report.clusters) {
        outcome.clusters.push_back(summarize(demand.cluster, view(demand.cluster, now), now));
    }
    outcome.proxies = proxies_.leased(now);
    return outcome;
}

void demand_board::observe_clusters(
    const demand_report& report, time_point now, board_changes& changes
) {
    for (const auto& demand : report.clusters) {
        subscriptions_.for_each_of(demand.cluster, [&](subscriber& stream) {
            observe(stream, now, changes);
        });
    }
}

/// The proxies' demand together with operators' orders.
cluster_view demand_board::view(const std::string& cluster, time_point now) const {
    auto sum = proxies_.view(cluster, now);
    sum.orders = orders_.in_force(cluster, now);
    if (sum.orders.sleep_ordered && sum.last_activity <= sum.orders.sleep_ordered) {
        sum.last_activity.reset();
    }
    return sum;
}

void demand_board::observe(subscriber& stream, time_point now, board_changes& changes) {
    const auto view = this->view(stream.trigger.cluster, now);
    const push_demand need{
        .active = has_demand(view, stream.trigger.activity_window, now),
        .unserved = view.unserved,
    };
    if (stream.schedule.observe(need, now)) {
        push(stream, now, changes);
    }
}

void demand_board::push(const subscriber& stream, time_point now, board_changes& changes) {
    stream.sink->activate();
    triggers_.record_push(stream.scaled_object, stream.trigger.cluster, now);
    changes.pushed.push_back(stream.trigger.cluster);
}

evaluation demand_board::evaluate(const trigger_spec& trigger, time_point now) const {
    const std::lock_guard lock(mutex_);
    const auto view = this->view(trigger.cluster, now);
    evaluation answer{.decision = decide(proxies_, view, trigger, now)};
    const std::uint64_t least = answer.decision.answer == scaler_answer::active ? 1 : 0;
    answer.metric = std::max(metric_value(view, trigger.metric), least);
    return answer;
}

void demand_board::record_refusal(
    const std::string& scaled_object, const trigger_spec& trigger, time_point now
) {
    const std::lock_guard lock(mutex_);
    triggers_.record_poll(scaled_object, trigger.cluster, scaler_answer::unknown, now);
}

evaluation
demand_board::poll(const std::string& scaled_object, const trigger_spec& trigger, time_point now) {
    auto answer = evaluate(trigger, now);
    const std::lock_guard lock(mutex_);
    triggers_.record_poll(scaled_object, trigger.cluster, answer.decision.answer, now);
    return answer;
}

bool demand_board::remember(
    const std::string& scaled_object, const trigger_spec& trigger, time_point now
) {
    const std::lock_guard lock(mutex_);
    triggers_.remember(scaled_object, trigger, now);
    return proxies_.is_reported(trigger.cluster) || proxies_.incomplete_reason(now);
}

std::vector<std::string> demand_board::reported_clusters() const {
    const std::lock_guard lock(mutex_);
    return proxies_.clusters();
}

/// Those of polls and of open streams: KEDA may poll less often than triggers are remembered.
std::vector<known_trigger>
demand_board::triggers_of(const std::string& cluster, time_point now) const {
    auto found = triggers_.for_cluster(cluster, now);
    subscriptions_.for_each_of(cluster, [&found](const subscriber& stream) {
        const auto same =
            std::ranges::find(found, stream.scaled_object, &known_trigger::scaled_object);
        auto trigger_entry = same == found.end() ? known_trigger{} : *same;
        trigger_entry.scaled_object = stream.scaled_object;
        trigger_entry.trigger = stream.trigger;
        found.push_back(std::move(trigger_entry));
    });
    return found;
}

/// Active if any trigger is answered active; without demand all triggers get the same answer.
cluster_summary demand_board::summarize(
    const std::string& cluster, const cluster_view& view, time_point now
) const {
    cluster_summary summary{.cluster = cluster};
    auto triggers = triggers_of(cluster, now);
    if (triggers.empty()) {
        const trigger_spec default_trigger{
            .cluster = cluster, .activity_window = settings_.activity_window
        };
        summary.decision = decide(proxies_, view, default_trigger, now);
        summary.forecast =
            forecast_sleep(summary.decision, view, {.trigger = default_trigger}, now);
        summary.forecast.reason = "no ScaledObject asks about it";
        return summary;
    }
    std::set<std::string_view> names;
    for (const auto& trigger_entry : triggers) {
        const bool is_first = names.empty();
        names.insert(trigger_entry.scaled_object);
        auto decision = decide(proxies_, view, trigger_entry.trigger, now);
        const auto forecast = forecast_sleep(decision, view, trigger_entry, now);
        summary.forecast = is_first ? forecast : earliest_forecast(summary.forecast, forecast);
        if (is_first || decision.answer == scaler_answer::active) {
            summary.decision = std::move(decision);
        }
    }
    summary.scaled_objects = names.size();
    auto& forecast = summary.forecast;
    if (auto reason = proxies_.inconclusive_reason(cluster, now);
        reason && (forecast.idle_in || forecast.sleeps_in)) {
        forecast.idle_in.reset(); // the next answer will be "unknown"
        forecast.sleeps_in.reset();
        forecast.reason = *std::move(reason);
    }
    return summary;
}

demand_board::subscription demand_board::subscribe(
    const trigger_spec& trigger,
    activation_sink& sink,
    time_point now,
    board_changes& changes,
    const std::string& scaled_object
) {
    const std::lock_guard lock(mutex_);
    const auto seed = static_cast<std::uint32_t>(std::random_device{}());
    const auto number = subscriptions_.add({
        .scaled_object = scaled_object,
        .trigger = trigger,
        .sink = &sink,
        .schedule = push_schedule(settings_.pace, seed),
    });
    observe(subscriptions_.at(number), now, changes);
    return number;
}

void demand_board::unsubscribe(subscription number) {
    const std::lock_guard lock(mutex_);
    subscriptions_.remove(number);
}

board_changes demand_board::tick(time_point now) {
    const std::lock_guard lock(mutex_);
    board_changes changes;
    changes.proxies = proxies_.expire(now);
    changes.orders = orders_.expire(now);
    subscriptions_.for_each([&](subscriber& stream) {
        if (stream.schedule.is_due(now)) {
            observe(stream, now, changes);
        }
    });
    if (now >= next_fault_check_) {
        next_fault_check_ = now + fault_check_interval;
        observe_faults(now, changes);
    }
    return changes;
}

void demand_board::observe_faults(time_point now, board_changes& changes) {
    const auto shortage = proxies_.shortage(now);
    std::set<std::string, std::less<>> missing;
    if (shortage) {
        missing.emplace("proxies");
    }
    if (!missing_proxies_.due(missing, now).empty()) {
        changes.shortage = shortage;
    }
    std::set<std::string, std::less<>> unheard;
    for (auto& cluster : proxies_.clusters()) {
        if (is_unheard(cluster, now)) {
            unheard.insert(std::move(cluster));
        }
    }
    const auto unreported = unreported_clusters(now);
    for (const auto& cluster : unheard_.due(unheard, now)) {
        changes.unheard.push_back(make_unheard(cluster, unreported, now));
    }
}

bool demand_board::is_unheard(const std::string& cluster, time_point now) const {
    if (proxies_.is_settling(now) || subscriptions_.contains(cluster)) {
        return false;
    }
    const auto view = proxies_.view(cluster, now);
    return (view.unserved || view.waking) && triggers_.for_cluster(cluster, now).empty();
}

unheard_demand demand_board::make_unheard(
    const std::string& cluster, const std::vector<std::string>& unreported, time_point now
) const {
    return {
        .cluster = cluster,
        .held = proxies_.view(cluster, now).held,
        .unreported_clusters = nearest_first(unreported, cluster)
    };
}

/// Clusters that ScaledObjects ask about and no proxy reports.
std::vector<std::string> demand_board::unreported_clusters(time_point now) const {
    auto names = triggers_.clusters(now);
    subscriptions_.add_clusters(names);
    std::vector<std::string> unreported;
    for (const auto& name : names) {
        if (!proxies_.is_reported(name) && unreported.size() < max_unreported) {
            unreported.push_back(name);
        }
    }
    return unreported;
}

std::vector<scaled_object_status>
demand_board::scaled_objects_of(const std::string& cluster, time_point now) const {
    std::map<std::string, scaled_object_status> objects;
    for (const auto& trigger_entry : triggers_.for_cluster(cluster, now)) {
        objects[trigger_entry.scaled_object] = {
            .scaled_object = trigger_entry.scaled_object,
            .last_poll = trigger_entry.last_poll,
            .last_active_answer = trigger_entry.last_active_answer
        };
    }
    subscriptions_.for_each_of(cluster, [&objects](const subscriber& stream) {
        auto& object = objects[stream.scaled_object];
        object.scaled_object = stream.scaled_object;
        ++object.streams;
    });
    std::vector<scaled_object_status> listed;
    listed.reserve(objects.size());
    for (auto& [name, object] : objects) {
        listed.push_back(std::move(object));
    }
    return listed;
}

cluster_status demand_board::describe(const std::string& cluster, time_point now) const {
    const auto view = this->view(cluster, now);
    auto summary = summarize(cluster, view, now);
    return {
        .cluster = cluster,
        .view = view,
        .decision = std::move(summary.decision),
        .streams = subscriptions_.count(cluster),
        .forecast = std::move(summary.forecast),
        .scaled_objects = scaled_objects_of(cluster, now),
    };
}

order_result demand_board::apply(const manual_order& order, time_point now) {
    const std::lock_guard lock(mutex_);
    order_result outcome;
    if (!is_known(order.cluster, now)) {
        outcome.clusters = known_clusters(unreported_clusters(now));
        return outcome;
    }
    outcome.changes.orders = orders_.apply(order, now);
    if (order.kind == order_kind::wake) {
        push_to_all(order.cluster, now, outcome.changes);
    }
    outcome.status = describe(order.cluster, now);
    return outcome;
}

/// Also to streams that had a push: KEDA may have dropped it, and an operator waits for the result.
void demand_board::push_to_all(const std::string& cluster, time_point now, board_changes& changes) {
    subscriptions_.for_each_of(cluster, [&](subscriber& stream) {
        const auto pushed = changes.pushed.size();
        observe(stream, now, changes);
        if (changes.pushed.size() == pushed) {
            push(stream, now, changes);
        }
    });
}

bool demand_board::is_known(const std::string& cluster, time_point now) const {
    return proxies_.is_reported(cluster) || subscriptions_.contains(cluster) ||
           !triggers_.for_cluster(cluster, now).empty();
}

/// All clusters that proxies report or ScaledObjects ask about.
std::vector<std::string> demand_board::known_clusters(const std::vector<std::string>& unreported
) const {
    auto names = proxies_.clusters();
    names.insert(names.end(), unreported.begin(), unreported.end());
    std::ranges::sort(names);
    return names;
}

board_status demand_board::status(time_point now) const {
    const std::lock_guard lock(mutex_);
    board_status status;
    status.proxies = proxies_.proxies(now);
    status.shortage = proxies_.shortage(now);
    const auto unreported = unreported_clusters(now);
    const bool is_complete = !proxies_.incomplete_reason(now);
    for (const auto& name : known_clusters(unreported)) {
        status.clusters.push_back(describe(name, now));
        if (unheard_.was_warned(name)) {
            status.unheard.push_back(make_unheard(name, unreported, now));
        }
        if (is_complete && !proxies_.is_reported(name)) {
            for (const auto& object : status.clusters.back().scaled_objects) {
                status.unreported.push_back({.scaled_object = object.scaled_object, .cluster = name}
                );
            }
        }
    }
    return status;
}

} // namespace wakegate::scaler
