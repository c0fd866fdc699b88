#include "proxy/gate/session_slots.hpp"

#include <algorithm>
#include <cstdint>

namespace wakegate::proxy {
namespace {

/// Returned credits can't overflow it.
constexpr std::uint32_t unlimited = admission_credits::max / 2;

std::uint32_t free_of(std::size_t limit, std::size_t used) {
    const auto free = limit - std::min(limit, used);
    return static_cast<std::uint32_t>(std::min<std::size_t>(free, unlimited));
}

} // namespace

void session_slots::open(ticket id) {
    logging_in_.insert(id);
    ++used_connections_;
}

bool session_slots::end_login(ticket id) {
    return logging_in_.erase(id) + slow_.erase(id) > 0;
}

bool session_slots::login_is_slow(ticket id) {
    const bool had_slot = logging_in_.erase(id) > 0;
    if (had_slot) {
        slow_.insert(id);
    }
    return had_slot;
}

void session_slots::close(ticket id) {
    logging_in_.erase(id);
    slow_.erase(id);
    --used_connections_;
}

credits session_slots::grant() noexcept {
    const auto granted = free(connection_kind::ordinary);
    if (granted.connections == 0 || granted.logins == 0) {
        return {};
    }
    used_connections_ += granted.connections;
    login_credits_ += granted.logins;
    return granted;
}

void session_slots::reclaim(credits released) noexcept {
    used_connections_ -= released.connections;
    login_credits_ -= released.logins;
}

void session_slots::track(ticket id) {
    --login_credits_;
    logging_in_.insert(id);
}

bool session_slots::has_free(connection_kind kind) const noexcept {
    const auto left = free(kind);
    return left.connections > 0 && left.logins > 0;
}

bool session_slots::is_full(connection_kind kind) const noexcept {
    return free(kind).connections == 0;
}

credits session_slots::free(connection_kind kind) const noexcept {
    const auto limit = connections_.max(kind);
    return {
        .connections = limit ? free_of(*limit, used_connections_) : unlimited,
        .logins = free_of(max_logins_, logins()),
    };
}

} // namespace wakegate::proxy
