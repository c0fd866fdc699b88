#include "proxy/session/login_guard.hpp"

#include "proxy/session/randomness.hpp"

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
    const auto until = throttle_.refused_until(network, name, now);
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
}

} // namespace wakegate::proxy
