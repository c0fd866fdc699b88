#include "scaler/state/demand_board.hpp"

#include <algorithm>
#include <random>
#include <set>

namespace wakegate::scaler {

demand_board::demand_board(const board_settings& settings, time_point started)
    : settings_(settings), proxies_(settings.proxies, started) {}

report_outcome demand_board::report(const demand_report& news, time_point now) {
    const std::lock_guard lock(mutex_);
    report_outcome outcome;
    // Before and after: a window that ran out since anybody last looked makes what follows an edge.
    observe_clusters(news, now, outcome.changes);
    auto taken = proxies_.take(news, now);
    observe_clusters(news, now, outcome.changes);
    outcome.resend = taken.resend;
    outcome.acknowledged = taken.acknowledged;
    if (taken.change) {
        outcome.changes.proxies.push_back(*std::move(taken.change));
    }
    return outcome;
}

void demand_board::observe_clusters(
    const demand_report& news, time_point now, board_changes& changes
) {
    for (const auto& demand : news.clusters) {
        const auto [first, last] = by_cluster_.equal_range(demand.cluster);
        std::for_each(first, last, [&](const auto& entry) {
            observe(subscribers_.at(entry.second), now, changes);
        });
    }
}

void demand_board::observe(subscriber& waiting, time_point now, board_changes& changes) {
    const auto view = proxies_.view(waiting.asked.cluster, now);
    const push_need need{
        .active = has_demand(view, waiting.asked.activity_window, now),
        .starving = view.starving,
    };
    if (waiting.schedule.observe(need, now)) {
        waiting.sink->activate();
        changes.pushed.push_back(waiting.asked.cluster);
    }
}

standing demand_board::ask(const trigger& asked, time_point now) const {
    const std::lock_guard lock(mutex_);
    const auto view = proxies_.view(asked.cluster, now);
    standing answer{.verdict = decide(proxies_, view, asked, now)};
    const std::uint64_t least = answer.verdict.answer == verdict::active ? 1 : 0;
    answer.metric = std::max(metric_value(view, asked.metric), least);
    return answer;
}

void demand_board::remember(
    const std::string& scaled_object, const trigger& asked, time_point now
) {
    const std::lock_guard lock(mutex_);
    triggers_.remember(scaled_object, asked, now);
}

/// Those of polls and those of streams: KEDA may poll less often than we remember.
std::vector<trigger> demand_board::triggers_of(const std::string& cluster, time_point now) const {
    auto found = triggers_.of(cluster, now);
    const auto [first, last] = by_cluster_.equal_range(cluster);
    for (auto at = first; at != last; ++at) {
        found.push_back(subscribers_.at(at->second).asked);
    }
    if (found.empty()) {
        found.push_back({.cluster = cluster, .activity_window = settings_.activity_window});
    }
    return found;
}

decision demand_board::decide_for_all(
    const std::string& cluster, const cluster_view& view, time_point now
) const {
    decision strongest;
    for (const auto& asked : triggers_of(cluster, now)) {
        strongest = decide(proxies_, view, asked, now);
        if (strongest.answer == verdict::active) {
            break;
        }
    }
    return strongest; // without demand it is doubt or idleness for all of them alike
}

demand_board::subscription demand_board::subscribe(
    const trigger& asked, activation_sink& sink, time_point now, board_changes& changes
) {
    const std::lock_guard lock(mutex_);
    const auto which = ++last_subscription_;
    const auto seed = static_cast<std::uint32_t>(std::random_device{}());
    const auto [entry, is_new] = subscribers_.emplace(
        which,
        subscriber{.asked = asked, .sink = &sink, .schedule = push_schedule(settings_.pace, seed)}
    );
    by_cluster_.emplace(asked.cluster, which);
    observe(entry->second, now, changes);
    return which;
}

void demand_board::unsubscribe(subscription which) {
    const std::lock_guard lock(mutex_);
    const auto found = subscribers_.find(which);
    if (found == subscribers_.end()) {
        return;
    }
    const auto [first, last] = by_cluster_.equal_range(found->second.asked.cluster);
    by_cluster_.erase(std::find_if(first, last, [&](const auto& entry) {
        return entry.second == which;
    }));
    subscribers_.erase(found);
}

board_changes demand_board::tick(time_point now) {
    const std::lock_guard lock(mutex_);
    board_changes changes;
    changes.proxies = proxies_.expire(now);
    for (auto& [which, waiting] : subscribers_) {
        if (waiting.schedule.is_due(now)) {
            observe(waiting, now, changes);
        }
    }
    return changes;
}

board_status demand_board::status(time_point now) const {
    const std::lock_guard lock(mutex_);
    board_status status;
    status.proxies = proxies_.proxies(now);
    std::set<std::string, std::less<>> names;
    for (auto& name : proxies_.clusters()) {
        names.insert(std::move(name));
    }
    for (const auto& [name, which] : by_cluster_) {
        names.insert(name);
    }
    for (const auto& name : names) {
        const auto view = proxies_.view(name, now);
        status.clusters.push_back({
            .cluster = name,
            .view = view,
            .verdict = decide_for_all(name, view, now),
            .streams = by_cluster_.count(name),
        });
    }
    return status;
}

} // namespace wakegate::scaler
