#include "proxy/auth/login_throttle.hpp"

#include <algorithm>
#include <limits>

namespace wakegate::auth {

namespace {

constexpr std::size_t max_name_size = 63; // Postgres: NAMEDATALEN - 1
constexpr unsigned max_failures = 1'000;  // beyond any longest delay; below an overflow

/// `first_delay` doubled `times` times, within `longest_delay`.
milliseconds delay_after(const throttle_policy& policy, unsigned times) {
    auto delay = std::min(policy.first_delay, policy.longest_delay);
    for (unsigned i = 0; i < times && delay < policy.longest_delay; ++i) {
        delay = std::min(2 * delay, policy.longest_delay);
    }
    return delay;
}

} // namespace

role_name::role_name(std::string_view cluster, std::string_view role)
    : cluster_(cluster), role_(role.substr(0, max_name_size)) {}

/// Halved for each whole `halve_after` since the last failure.
template <typename Key>
unsigned failure_counts<Key>::decayed_failures(const entry& found, time_point now) const noexcept {
    if (now <= found.last) {
        return found.failures;
    }
    const auto halvings = (now - found.last) / policy_.halve_after;
    constexpr int width = std::numeric_limits<unsigned>::digits;
    return halvings >= width ? 0 : found.failures >> halvings;
}

template <typename Key>
time_point failure_counts<Key>::allowed_at(const Key& key, time_point now) const {
    const auto found = entries_.find(key);
    if (found == entries_.end()) {
        return now;
    }
    const auto failures = decayed_failures(found->second, now);
    if (failures <= policy_.free_failures) {
        return now;
    }
    const auto delay = delay_after(policy_, failures - policy_.free_failures - 1);
    return std::max(now, found->second.last + delay);
}

template <typename Key> void failure_counts<Key>::failed(const Key& key, time_point now) {
    auto found = entries_.find(key);
    if (found == entries_.end()) {
        if (entries_.size() >= max_entries_) {
            entries_.erase(by_age_.front());
            by_age_.pop_front();
        }
        by_age_.push_back(key);
        found = entries_.emplace(key, entry{0, now, std::prev(by_age_.end())}).first;
    }
    auto& counter = found->second;
    counter.failures = std::min(decayed_failures(counter, now) + 1, max_failures);
    counter.last = now;
    by_age_.splice(by_age_.end(), by_age_, counter.age);
}

template <typename Key> void failure_counts<Key>::reset(const Key& key) {
    const auto found = entries_.find(key);
    if (found != entries_.end()) {
        by_age_.erase(found->second.age);
        entries_.erase(found);
    }
}

template class failure_counts<source_network>;
template class failure_counts<role_name>;

login_throttle::login_throttle(const throttle_settings& settings)
    : networks_(settings.network, settings.max_entries),
      roles_(settings.role, settings.max_entries) {}

std::optional<time_point> login_throttle::throttled_until(
    const source_network& network, const role_name& role, time_point now
) const {
    const auto allowed = std::max(networks_.allowed_at(network, now), roles_.allowed_at(role, now));
    return allowed > now ? std::optional(allowed) : std::nullopt;
}

void login_throttle::failed(const source_network& network, const role_name& role, time_point now) {
    networks_.failed(network, now);
    roles_.failed(role, now);
}

void login_throttle::succeeded(const source_network& network) {
    networks_.reset(network);
}

} // namespace wakegate::auth
