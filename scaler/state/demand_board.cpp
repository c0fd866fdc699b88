#include "scaler/state/demand_board.hpp"

#include "common/edit_distance.hpp"

#include <algorithm>
#include <random>
#include <set>
#include <string_view>
#include <utility>

namespace wakegate::scaler {
namespace {

/// Faults are told after so long: whoever asks polls every few seconds or has a stream, and a proxy
/// that is replaced is back sooner.
constexpr milliseconds patience_with_faults{10'000};
constexpr milliseconds look_for_faults_interval{1'000};
/// That are told of; their names come from whoever reaches the port.
constexpr std::size_t most_unnamed = 100;

} // namespace

demand_board::demand_board(const board_settings& settings, time_point started)
    : settings_(settings),
      proxies_(settings.proxies, started),
      next_look_for_faults_(started),
      unheard_(patience_with_faults),
      missing_proxies_(milliseconds(0)) {}

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
    for (const auto& demand : news.clusters) {
        outcome.clusters.push_back(stand(demand.cluster, view(demand.cluster, now), now));
    }
    outcome.proxies = proxies_.leased(now);
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

/// What the proxies say, as far as an operator lets it count.
cluster_view demand_board::view(const std::string& cluster, time_point now) const {
    auto sum = proxies_.view(cluster, now);
    sum.orders = orders_.of(cluster, now);
    if (sum.orders.sleep_ordered && sum.last_activity <= sum.orders.sleep_ordered) {
        sum.last_activity.reset();
    }
    return sum;
}

void demand_board::observe(subscriber& waiting, time_point now, board_changes& changes) {
    const auto view = this->view(waiting.asked.cluster, now);
    const push_need need{
        .active = has_demand(view, waiting.asked.activity_window, now),
        .unserved = view.unserved,
    };
    if (waiting.schedule.observe(need, now)) {
        push(waiting, now, changes);
    }
}

void demand_board::push(const subscriber& waiting, time_point now, board_changes& changes) {
    waiting.sink->activate();
    triggers_.note_push(waiting.scaled_object, waiting.asked.cluster, now);
    changes.pushed.push_back(waiting.asked.cluster);
}

standing demand_board::ask(const trigger& asked, time_point now) const {
    const std::lock_guard lock(mutex_);
    const auto view = this->view(asked.cluster, now);
    standing answer{.verdict = decide(proxies_, view, asked, now)};
    const std::uint64_t least = answer.verdict.answer == verdict::active ? 1 : 0;
    answer.metric = std::max(metric_value(view, asked.metric), least);
    return answer;
}

void demand_board::note_refusal(
    const std::string& scaled_object, const trigger& asked, time_point now
) {
    const std::lock_guard lock(mutex_);
    triggers_.note_poll(scaled_object, asked.cluster, verdict::unknown, now);
}

standing
demand_board::poll(const std::string& scaled_object, const trigger& asked, time_point now) {
    auto answer = ask(asked, now);
    const std::lock_guard lock(mutex_);
    triggers_.note_poll(scaled_object, asked.cluster, answer.verdict.answer, now);
    return answer;
}

bool demand_board::remember(
    const std::string& scaled_object, const trigger& asked, time_point now
) {
    const std::lock_guard lock(mutex_);
    triggers_.remember(scaled_object, asked, now);
    return proxies_.names(asked.cluster) || proxies_.incompleteness(now);
}

std::vector<std::string> demand_board::named_clusters() const {
    const std::lock_guard lock(mutex_);
    return proxies_.clusters();
}

/// Those of polls and those of streams: KEDA may poll less often than we remember.
std::vector<known_trigger>
demand_board::triggers_of(const std::string& cluster, time_point now) const {
    auto found = triggers_.of(cluster, now);
    const auto [first, last] = by_cluster_.equal_range(cluster);
    for (auto at = first; at != last; ++at) {
        const auto& stream = subscribers_.at(at->second);
        const auto same =
            std::ranges::find(found, stream.scaled_object, &known_trigger::scaled_object);
        auto asking = same == found.end() ? known_trigger{} : *same;
        asking.scaled_object = stream.scaled_object;
        asking.asked = stream.asked;
        found.push_back(std::move(asking));
    }
    return found;
}

/// The strongest of what all that ask are told: without demand it is doubt or idleness for all of
/// them alike.
cluster_status_at_scaler
demand_board::stand(const std::string& cluster, const cluster_view& view, time_point now) const {
    cluster_status_at_scaler standing{.cluster = cluster};
    auto triggers = triggers_of(cluster, now);
    if (triggers.empty()) {
        const trigger stand_in{.cluster = cluster, .activity_window = settings_.activity_window};
        standing.verdict = decide(proxies_, view, stand_in, now);
        standing.forecast = forecast_sleep(standing.verdict, view, {.asked = stand_in}, now);
        standing.forecast.obstacle = "no ScaledObject asks about it";
        return standing;
    }
    std::set<std::string_view> names;
    for (const auto& asking : triggers) {
        const bool is_first = names.empty();
        names.insert(asking.scaled_object);
        auto verdict = decide(proxies_, view, asking.asked, now);
        const auto forecast = forecast_sleep(verdict, view, asking, now);
        standing.forecast = is_first ? forecast : sooner(standing.forecast, forecast);
        if (is_first || verdict.answer == verdict::active) {
            standing.verdict = std::move(verdict);
        }
    }
    standing.asked = names.size();
    auto& forecast = standing.forecast;
    if (auto doubt = proxies_.inconclusive_reason(cluster, now);
        doubt && (forecast.idle_in || forecast.sleeps_in)) {
        forecast.idle_in.reset(); // the next answer will be "unknown"
        forecast.sleeps_in.reset();
        forecast.obstacle = *std::move(doubt);
    }
    return standing;
}

demand_board::subscription demand_board::subscribe(
    const trigger& asked,
    activation_sink& sink,
    time_point now,
    board_changes& changes,
    const std::string& scaled_object
) {
    const std::lock_guard lock(mutex_);
    const auto which = ++last_subscription_;
    const auto seed = static_cast<std::uint32_t>(std::random_device{}());
    const auto [entry, is_new] = subscribers_.emplace(
        which,
        subscriber{
            .scaled_object = scaled_object,
            .asked = asked,
            .sink = &sink,
            .schedule = push_schedule(settings_.pace, seed)
        }
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
    changes.orders = orders_.expire(now);
    for (auto& [which, waiting] : subscribers_) {
        if (waiting.schedule.is_due(now)) {
            observe(waiting, now, changes);
        }
    }
    if (now >= next_look_for_faults_) {
        next_look_for_faults_ = now + look_for_faults_interval;
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
    const auto unnamed = unnamed_clusters(now);
    for (const auto& cluster : unheard_.due(unheard, now)) {
        changes.unheard.push_back(describe_unheard(cluster, unnamed, now));
    }
}

bool demand_board::is_unheard(const std::string& cluster, time_point now) const {
    if (proxies_.is_settling(now) || by_cluster_.contains(cluster)) {
        return false;
    }
    const auto view = proxies_.view(cluster, now);
    return (view.unserved || view.waking) && triggers_.of(cluster, now).empty();
}

unheard_demand demand_board::describe_unheard(
    const std::string& cluster, const std::vector<std::string>& unnamed, time_point now
) const {
    return {
        .cluster = cluster,
        .held = proxies_.view(cluster, now).held,
        .asked_about = nearest_first(unnamed, cluster)
    };
}

/// That ScaledObjects ask about.
std::vector<std::string> demand_board::unnamed_clusters(time_point now) const {
    auto asked = triggers_.clusters(now);
    for (const auto& [name, which] : by_cluster_) {
        asked.insert(name);
    }
    std::vector<std::string> unnamed;
    for (const auto& name : asked) {
        if (!proxies_.names(name) && unnamed.size() < most_unnamed) {
            unnamed.push_back(name);
        }
    }
    return unnamed;
}

std::vector<asking_object>
demand_board::objects_of(const std::string& cluster, time_point now) const {
    std::map<std::string, asking_object> objects;
    for (const auto& asking : triggers_.of(cluster, now)) {
        objects[asking.scaled_object] = {
            .scaled_object = asking.scaled_object,
            .polled = asking.polled,
            .told_active = asking.told_active
        };
    }
    const auto [first, last] = by_cluster_.equal_range(cluster);
    for (auto at = first; at != last; ++at) {
        const auto& name = subscribers_.at(at->second).scaled_object;
        auto& object = objects[name];
        object.scaled_object = name;
        ++object.streams;
    }
    std::vector<asking_object> listed;
    for (auto& [name, object] : objects) {
        listed.push_back(std::move(object));
    }
    return listed;
}

cluster_status demand_board::describe(const std::string& cluster, time_point now) const {
    const auto view = this->view(cluster, now);
    auto standing = stand(cluster, view, now);
    return {
        .cluster = cluster,
        .view = view,
        .verdict = std::move(standing.verdict),
        .streams = by_cluster_.count(cluster),
        .forecast = std::move(standing.forecast),
        .objects = objects_of(cluster, now),
    };
}

order_outcome demand_board::take(const manual_order& order, time_point now) {
    const std::lock_guard lock(mutex_);
    order_outcome outcome;
    if (!is_known(order.cluster, now)) {
        outcome.clusters = known_clusters(unnamed_clusters(now));
        return outcome;
    }
    outcome.changes.orders = orders_.take(order, now);
    if (order.kind == order_kind::wake) {
        push_to_all(order.cluster, now, outcome.changes);
    }
    outcome.status = describe(order.cluster, now);
    return outcome;
}

/// Also to those who have heard: KEDA may have dropped it, and here somebody waits for the answer.
void demand_board::push_to_all(const std::string& cluster, time_point now, board_changes& changes) {
    const auto [first, last] = by_cluster_.equal_range(cluster);
    for (auto at = first; at != last; ++at) {
        auto& waiting = subscribers_.at(at->second);
        const auto pushed = changes.pushed.size();
        observe(waiting, now, changes);
        if (changes.pushed.size() == pushed) {
            push(waiting, now, changes);
        }
    }
}

bool demand_board::is_known(const std::string& cluster, time_point now) const {
    return proxies_.names(cluster) || by_cluster_.contains(cluster) ||
           !triggers_.of(cluster, now).empty();
}

/// Those that proxies name and those that they don't.
std::vector<std::string> demand_board::known_clusters(const std::vector<std::string>& unnamed
) const {
    auto names = proxies_.clusters();
    names.insert(names.end(), unnamed.begin(), unnamed.end());
    std::ranges::sort(names);
    return names;
}

board_status demand_board::status(time_point now) const {
    const std::lock_guard lock(mutex_);
    board_status status;
    status.proxies = proxies_.proxies(now);
    status.shortage = proxies_.shortage(now);
    const auto unnamed = unnamed_clusters(now);
    const bool is_complete = !proxies_.incompleteness(now);
    for (const auto& name : known_clusters(unnamed)) {
        status.clusters.push_back(describe(name, now));
        if (unheard_.is_told(name)) {
            status.unheard.push_back(describe_unheard(name, unnamed, now));
        }
        if (is_complete && !proxies_.names(name)) {
            for (const auto& object : status.clusters.back().objects) {
                status.unnamed.push_back({.scaled_object = object.scaled_object, .cluster = name});
            }
        }
    }
    return status;
}

} // namespace wakegate::scaler
