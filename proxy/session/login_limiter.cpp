#include "proxy/session/login_limiter.hpp"

#include "common/random.hpp"

#include <algorithm>

namespace wakegate::proxy {
namespace {

constexpr std::size_t mock_secret_size = 32; // PostgreSQL: MOCK_AUTH_NONCE_LEN

std::string mock_secret_of(const cancel_secrets* shared) {
    if (shared == nullptr) {
        return random_bytes(mock_secret_size);
    }
    const auto& mock_auth_key = shared->current().mock_auth_key;
    return {mock_auth_key.begin(), mock_auth_key.end()};
}

} // namespace

login_limiter::login_limiter(const cancel_secrets* shared)
    : mock_secret_(mock_secret_of(shared)), throttle_(auth::throttle_settings()) {}

std::optional<duration> login_limiter::retry_after(
    const ip_address& from, std::string_view cluster, std::string_view role
) const {
    const auto network = source_network_of(from);
    const auth::role_name name(cluster, role);
    const auto now = clock::now();
    const std::lock_guard lock(mutex_);
    auto until = throttle_.throttled_until(network, name, now);
    // All clusters' failures count, as with known roles: else the delay would reveal which clusters
    // have no roles.
    for (const auto& [unknown, throttle] : without_roles_) {
        until = std::max(until, throttle.throttled_until(network, name, now));
    }
    return until ? std::optional<duration>(*until - now) : std::nullopt;
}

void login_limiter::failed(
    const ip_address& from, std::string_view cluster, std::string_view role
) {
    const auto network = source_network_of(from);
    const auth::role_name name(cluster, role);
    const std::lock_guard lock(mutex_);
    throttle_.failed(network, name, clock::now());
}

void login_limiter::succeeded(const ip_address& from) {
    const auto network = source_network_of(from);
    const std::lock_guard lock(mutex_);
    throttle_.succeeded(network);
    for (auto& [unknown, throttle] : without_roles_) {
        throttle.succeeded(network);
    }
}

void login_limiter::failed_without_roles(
    const ip_address& from, std::string_view cluster, std::string_view role
) {
    const auto network = source_network_of(from);
    const auth::role_name name(cluster, role);
    const std::lock_guard lock(mutex_);
    auto found = without_roles_.find(cluster);
    if (found == without_roles_.end()) {
        const auth::throttle_settings smaller{.max_entries = 4'096};
        found = without_roles_.emplace(cluster, smaller).first;
    }
    found->second.failed(network, name, clock::now());
}

void login_limiter::roles_known(std::string_view cluster) {
    const std::lock_guard lock(mutex_);
    const auto found = without_roles_.find(cluster);
    if (found != without_roles_.end()) {
        without_roles_.erase(found);
    }
}

} // namespace wakegate::proxy
