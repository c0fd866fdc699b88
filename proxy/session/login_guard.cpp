#include "proxy/session/login_guard.hpp"

#include "proxy/session/randomness.hpp"

#include <algorithm>

namespace wakegate::proxy {
namespace {

constexpr std::size_t mock_secret_size = 32; // PostgreSQL: MOCK_AUTH_NONCE_LEN

std::string mock_secret_of(const cancel_secrets* shared) {
    if (shared == nullptr) {
        return random_bytes(mock_secret_size);
    }
    const auto& disguise = shared->current().disguise;
    return {disguise.begin(), disguise.end()};
}

} // namespace

login_guard::login_guard(const cancel_secrets* shared)
    : mock_secret_(mock_secret_of(shared)), throttle_(auth::throttle_settings()) {}

std::optional<duration> login_guard::refused_for(
    const ip_address& from, std::string_view cluster, std::string_view role
) const {
    const auto network = source_network_of(from);
    const auth::role_name name(cluster, role);
    const auto now = clock::now();
    const std::lock_guard lock(mutex_);
    auto until = throttle_.refused_until(network, name, now);
    // Each cluster's at every cluster, as with the others: or it would tell of whom nobody is
    // known.
    for (const auto& [unknown, throttle] : without_roles_) {
        until = std::max(until, throttle.refused_until(network, name, now));
    }
    return until ? std::optional<duration>(*until - now) : std::nullopt;
}

void login_guard::failed(const ip_address& from, std::string_view cluster, std::string_view role) {
    const auto network = source_network_of(from);
    const auth::role_name name(cluster, role);
    const std::lock_guard lock(mutex_);
    throttle_.failed(network, name, clock::now());
}

void login_guard::succeeded(const ip_address& from) {
    const auto network = source_network_of(from);
    const std::lock_guard lock(mutex_);
    throttle_.succeeded(network);
    for (auto& [unknown, throttle] : without_roles_) {
        throttle.succeeded(network);
    }
}

void login_guard::failed_without_roles(
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

void login_guard::roles_known(std::string_view cluster) {
    const std::lock_guard lock(mutex_);
    const auto found = without_roles_.find(cluster);
    if (found != without_roles_.end()) {
        without_roles_.erase(found);
    }
}

} // namespace wakegate::proxy
