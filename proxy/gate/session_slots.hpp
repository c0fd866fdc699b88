#pragma once

#include "proxy/gate/admission_credits.hpp"
#include "proxy/gate/connection_limit.hpp"
#include "proxy/gate/wait_queue.hpp"

#include <cstddef>
#include <set>

namespace wakegate::proxy {

/// The backend sessions that a gate has admitted, and how many more it may admit. Each takes a
/// connection slot until it is closed, and a login slot until its login is over or known to be
/// slow. Pure; one thread.
class session_slots {
public:
    session_slots(const connection_limit& connections, std::size_t logins) noexcept
        : connections_(connections), max_logins_(logins) {}

    void learn(const server_capacity& capacity) noexcept { connections_.learn(capacity); }

    /// One more session. It takes a slot of either sort.
    void open(ticket id);
    /// False when it had logged in before.
    [[nodiscard]] bool end_login(ticket id);
    /// The login goes on without a login slot. False when it has none.
    [[nodiscard]] bool login_is_slow(ticket id);
    void close(ticket id);

    /// Takes all slots that are free for ordinary sessions, if there are both sorts.
    [[nodiscard]] credits grant() noexcept;
    /// Slots that were granted are free again.
    void reclaim(credits released) noexcept;
    /// A session that was opened by credits and is logging in is known by this ticket from now on.
    void track(ticket id);

    [[nodiscard]] bool has_free(connection_kind kind) const noexcept;

    /// No connection is free.
    [[nodiscard]] bool is_full(connection_kind kind) const noexcept;

    /// How many sessions there may be; 0 without a limit.
    [[nodiscard]] std::size_t max_connections(connection_kind kind) const noexcept {
        return connections_.max(kind).value_or(0);
    }

    /// Connection slots in use, those granted among them.
    [[nodiscard]] std::size_t connections() const noexcept { return used_connections_; }

    /// Login slots in use, those granted among them.
    [[nodiscard]] std::size_t logins() const noexcept {
        return logging_in_.size() + login_credits_;
    }

    /// Logins under way, with a slot or without.
    [[nodiscard]] std::size_t all_logins() const noexcept { return logins() + slow_.size(); }

private:
    [[nodiscard]] credits free(connection_kind kind) const noexcept;

    connection_limit connections_;
    std::size_t max_logins_;
    std::size_t used_connections_ = 0;
    std::size_t login_credits_ = 0; ///< granted, whether they are used or not
    std::set<ticket> logging_in_;
    std::set<ticket> slow_; ///< logging in without a login slot
};

} // namespace wakegate::proxy
