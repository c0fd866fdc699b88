#include "proxy/status/cluster_groups.hpp"

#include "common/utf8.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace wakegate::proxy {
namespace {

/// The relays' coarse clock may be ahead of this thread's.
duration age_of(const session_count& counted, time_point now) {
    return std::max(now - counted.since, duration::zero());
}

std::string text_of(const ip_address& source) {
    return source.is_unspecified() ? std::string() : source.to_string();
}

/// By count, then by age.
bool is_larger(const group_row& one, const group_row& other) {
    return std::pair(one.count, one.age) > std::pair(other.count, other.age);
}

} // namespace

std::string_view to_string(wake_class wake) noexcept {
    switch (wake) {
    case wake_class::always:
        return "always";
    case wake_class::defer:
        return "defer";
    case wake_class::never:
        return "never";
    }
    return "unknown";
}

void group_sums::add(const session_tally& tally) {
    for (const auto& [address, counted] : tally.groups()) {
        const auto& group = *counted.group;
        const group_key key(group.role, group.application_name, group.source, group.wakes);
        clusters_[&group.target].groups[key].add(counted.counts);
    }
    for (const auto& [target, counts] : tally.others()) {
        clusters_[target].others.add(counts);
    }
}

cluster_groups group_sums::for_cluster(const cluster& target, time_point now) const {
    cluster_groups result;
    const auto found = clusters_.find(&target);
    if (found == clusters_.end()) {
        return result;
    }
    for (const auto activity : all_activities) {
        std::vector<group_row> rows;
        for (const auto& [key, counts] : found->second.groups) {
            const auto& counted = counts[activity];
            if (counted.count > 0) {
                const auto& [role, application_name, source, wake] = key;
                rows.push_back({
                    .activity = activity,
                    .role = replace_invalid_utf8(role),
                    .application_name = replace_invalid_utf8(application_name),
                    .source = text_of(source),
                    .wake = wake,
                    .count = counted.count,
                    .age = age_of(counted, now),
                });
            }
        }
        std::ranges::stable_sort(rows, is_larger);
        const auto& beyond = found->second.others[activity];
        other_sessions others{.activity = activity, .count = beyond.count, .age = {}};
        others.age = beyond.count > 0 ? age_of(beyond, now) : duration::zero();
        for (; rows.size() > max_rows; rows.pop_back()) {
            others.count += rows.back().count;
            others.age = std::max(others.age, rows.back().age);
        }
        std::ranges::move(rows, std::back_inserter(result.rows));
        if (others.count > 0) {
            result.others.push_back(others);
        }
    }
    return result;
}

} // namespace wakegate::proxy
