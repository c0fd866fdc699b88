#include "scaler/state/aggregate.hpp"

#include "common/units.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <utility>

namespace wakegate::scaler {
namespace {

/// Proxies ask for seconds; without a bound a garbled lease would keep a dead proxy for weeks.
constexpr milliseconds max_lease{300'000};
/// Older activity does not matter, and the subtraction below must not overflow.
constexpr milliseconds max_activity_age{10LL * 365 * 24 * 3'600'000};

std::string in_seconds(duration span) {
    return format_duration(std::max(std::chrono::duration_cast<seconds>(span), seconds(0)));
}

bool has_sessions_that_count(const cluster_demand& demand) {
    return demand.held > 0 || demand.busy > 0 || (demand.idle_counts && demand.idle > 0);
}

std::string label_of(const std::string& proxy_id, const std::string& name) {
    return name.empty() ? proxy_id : fmt::format("{} ({})", name, proxy_id);
}

void keep_latest(std::optional<time_point>& latest, time_point candidate) {
    latest = latest ? std::max(*latest, candidate) : candidate;
}

} // namespace

std::string_view to_string(gate_state state) noexcept {
    switch (state) {
    case gate_state::unknown:
        return "unknown";
    case gate_state::asleep:
        return "asleep";
    case gate_state::draining:
        return "draining";
    case gate_state::waking:
        return "waking";
    case gate_state::ready:
        return "ready";
    }
    return "unknown";
}

aggregate::aggregate(const aggregate_settings& settings, time_point started)
    : settings_(settings), started_(started) {}

apply_result aggregate::apply(const demand_report& report, time_point now) {
    const auto known = proxies_.find(report.proxy_id);
    if (known != proxies_.end() && is_over(known->second, now)) {
        proxies_.erase(known); // its counts are too old: it starts over as a new proxy
    }
    auto& proxy = proxies_[report.proxy_id];
    const bool is_stale = report.sequence < proxy.sequence;
    if (is_stale || proxy.left) {
        return {
            .request_snapshot = !proxy.has_snapshot && !proxy.left,
            .acknowledged = proxy.sequence,
            .change = std::nullopt
        };
    }
    proxy.sequence = report.sequence;
    proxy.name = report.proxy_name;
    proxy.lease_until = now + std::clamp(report.lease, milliseconds(0), max_lease);
    proxy.lapse_reported = false;
    store_report(proxy, report, now);

    std::optional<proxy_change> change;
    if (report.leaving) {
        proxy.left = true;
        proxy.clusters.clear();
        change = proxy_change{proxy_change_kind::left, report.proxy_id, proxy.name};
    } else if (report.snapshot && !proxy.has_snapshot) {
        proxy.has_snapshot = true;
        change = proxy_change{proxy_change_kind::joined, report.proxy_id, proxy.name};
    }
    return {
        .request_snapshot = !proxy.has_snapshot && !proxy.left,
        .acknowledged = proxy.sequence,
        .change = std::move(change)
    };
}

void aggregate::store_report(proxy_record& proxy, const demand_report& report, time_point now) {
    // Demand until now was activity until now, so that a session that ends right before a poll
    // still counts within the activity window.
    for (const auto& [name, demand] : proxy.clusters) {
        if (has_sessions_that_count(demand)) {
            keep_latest(clusters_[name].last_activity, now);
        }
    }
    if (report.snapshot) {
        proxy.clusters.clear();
    }
    for (const auto& demand : report.clusters) {
        record_activity(demand, now);
        proxy.clusters.insert_or_assign(demand.cluster, demand);
    }
}

void aggregate::record_activity(const cluster_demand& demand, time_point now) {
    auto& latest = clusters_[demand.cluster].last_activity;
    if (has_sessions_that_count(demand)) {
        keep_latest(latest, now);
    } else if (demand.last_activity_age && *demand.last_activity_age < max_activity_age) {
        keep_latest(latest, now - *demand.last_activity_age);
    }
}

std::vector<proxy_change> aggregate::expire(time_point now) {
    std::vector<proxy_change> changes;
    for (auto entry = proxies_.begin(); entry != proxies_.end();) {
        auto& [proxy_id, proxy] = *entry;
        if (is_over(proxy, now)) {
            if (!proxy.left) {
                changes.push_back({proxy_change_kind::forgotten, proxy_id, proxy.name});
            }
            entry = proxies_.erase(entry);
            continue;
        }
        if (now >= proxy.lease_until && !proxy.left && !proxy.lapse_reported) {
            proxy.lapse_reported = true;
            changes.push_back({proxy_change_kind::lapsed, proxy_id, proxy.name});
        }
        ++entry;
    }
    return changes;
}

bool aggregate::is_over(const proxy_record& proxy, time_point now) const {
    return now >= proxy.lease_until + settings_.grace;
}

bool aggregate::counts(const proxy_record& proxy, time_point now) const {
    return !proxy.left && !is_over(proxy, now);
}

cluster_view aggregate::view(std::string_view cluster, time_point now) const {
    cluster_view sum;
    const auto record = clusters_.find(cluster);
    if (record == clusters_.end()) {
        return sum;
    }
    sum.reported = true;
    sum.last_activity = record->second.last_activity;
    for (const auto& [proxy_id, proxy] : proxies_) {
        const auto found = proxy.clusters.find(cluster);
        if (found == proxy.clusters.end() || !counts(proxy, now)) {
            continue;
        }
        const auto& demand = found->second;
        sum.state = std::max(sum.state, demand.state);
        sum.held += demand.held;
        sum.busy += demand.busy;
        sum.idle += demand.idle;
        sum.counted_idle += demand.idle_counts ? demand.idle : 0;
        sum.waking = sum.waking || demand.state == gate_state::waking;
        sum.unserved = sum.unserved || (demand.held > 0 && demand.state != gate_state::ready);
    }
    return sum;
}

std::optional<std::string> aggregate::settling_reason(time_point now) const {
    if (now >= started_ + settings_.settle_time) {
        return std::nullopt;
    }
    const auto reported = std::ranges::count_if(proxies_, [&](const auto& entry) {
        return entry.second.has_snapshot && counts(entry.second, now);
    });
    if (settings_.expected_is_stated &&
        std::cmp_greater_equal(reported, settings_.expected_proxies)) {
        return std::nullopt;
    }
    return fmt::format(
        "started {} ago and still settling: {} of {} expected proxies reported (settle_time {})",
        in_seconds(now - started_),
        reported,
        settings_.expected_proxies,
        format_duration(settings_.settle_time)
    );
}

std::uint32_t aggregate::leased(time_point now) const {
    return static_cast<std::uint32_t>(std::ranges::count_if(proxies_, [&](const auto& entry) {
        const auto& proxy = entry.second;
        return proxy.has_snapshot && counts(proxy, now) && now < proxy.lease_until;
    }));
}

std::optional<proxy_shortage> aggregate::shortage(time_point now) const {
    const proxy_shortage found{.expected = settings_.expected_proxies, .leased = leased(now)};
    if (found.leased >= found.expected || is_settling(now)) {
        return std::nullopt;
    }
    return found;
}

std::optional<std::string> aggregate::incomplete_reason(time_point now) const {
    if (auto reason = settling_reason(now)) {
        return reason;
    }
    for (const auto& [proxy_id, proxy] : proxies_) {
        if (!counts(proxy, now)) {
            continue;
        }
        if (now >= proxy.lease_until) {
            return fmt::format(
                "proxy {} has been silent since its lease lapsed {} ago (grace {})",
                label_of(proxy_id, proxy.name),
                in_seconds(now - proxy.lease_until),
                format_duration(settings_.grace)
            );
        }
        if (!proxy.has_snapshot) {
            return fmt::format(
                "proxy {} has not sent its snapshot yet", label_of(proxy_id, proxy.name)
            );
        }
    }
    if (const auto leased_count = leased(now); leased_count < settings_.expected_proxies) {
        return fmt::format(
            "{} of {} expected proxies hold a lease", leased_count, settings_.expected_proxies
        );
    }
    return std::nullopt;
}

std::optional<std::string>
aggregate::inconclusive_reason(std::string_view cluster, time_point now) const {
    if (auto reason = incomplete_reason(now)) {
        return reason;
    }
    if (!is_reported(cluster)) {
        return fmt::format(
            "no proxy has ever named cluster '{}': compare the trigger's metadata with the "
            "proxies' "
            "configuration",
            cluster
        );
    }
    return std::nullopt;
}

std::vector<std::string> aggregate::clusters() const {
    std::vector<std::string> names;
    names.reserve(clusters_.size());
    for (const auto& [name, record] : clusters_) {
        names.push_back(name);
    }
    return names;
}

std::vector<proxy_view> aggregate::proxies(time_point now) const {
    std::vector<proxy_view> views;
    for (const auto& [proxy_id, proxy] : proxies_) {
        if (!counts(proxy, now)) {
            continue;
        }
        const auto left = std::chrono::duration_cast<milliseconds>(proxy.lease_until - now);
        views.push_back({
            .proxy_id = proxy_id,
            .proxy_name = proxy.name,
            .has_snapshot = proxy.has_snapshot,
            .lease_left = left,
            .sequence = proxy.sequence,
        });
    }
    return views;
}

} // namespace wakegate::scaler
