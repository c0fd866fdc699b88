#pragma once

#include "proxy/gate/admission_credits.hpp"
#include "proxy/gate/connection_limit.hpp"
#include "proxy/gate/wait_queue.hpp"

#include <cstddef>
#include <set>

namespace wakegate::proxy {

/// The backend sessions that a gate has admitted, and how many more it may. Each holds a connection
/// slot until it is closed, and a login slot until its login ends or is known to be slow. Pure; one
/// thread.
class session_slots {
public:
    session_slots(const connection_limit& connections, std::size_t logins) noexcept
        : connections_(connections), max_logins_(logins) {}

    void learn(const server_capacity& capacity) noexcept { connections_.learn(capacity); }

    /// Adds a session. It takes one slot of each sort.
    void open(ticket id);
    /// False when it had already logged in.
    [[nodiscard]] bool end_login(ticket id);
    /// The login continues without a login slot. False when it has none.
    [[nodiscard]] bool login_is_slow(ticket id);
    void close(ticket id);

    /// Takes all free slots for ordinary sessions, if both sorts have some.
    [[nodiscard]] credits grant() noexcept;
    /// Frees granted slots.
    void reclaim(credits released) noexcept;
    /// A session opened by credits, still logging in, has this ticket from now on.
    void track(ticket id);

    [[nodiscard]] bool has_free(connection_kind kind) const noexcept;

    /// No connection is free.
    [[nodiscard]] bool is_full(connection_kind kind) const noexcept;

    /// How many sessions there may be; 0: no limit.
    [[nodiscard]] std::size_t max_connections(connection_kind kind) const noexcept {
        return connections_.max(kind).value_or(0);
    }

    /// Connection slots in use, granted ones included.
    [[nodiscard]] std::size_t connections() const noexcept { return used_connections_; }

    /// Login slots in use, granted ones included.
    [[nodiscard]] std::size_t logins() const noexcept {
        return logging_in_.size() + login_credits_;
    }

    /// Logins under way, with or without a slot.
    [[nodiscard]] std::size_t all_logins() const noexcept { return logins() + slow_.size(); }

private:
    [[nodiscard]] credits free(connection_kind kind) const noexcept;

    connection_limit connections_;
    std::size_t max_logins_;
    std::size_t used_connections_ = 0;
    std::size_t login_credits_ = 0; ///< granted ones, used or not
    std::set<ticket> logging_in_;
    std::set<ticket> slow_; ///< logging in without a login slot
};

} // namespace wakegate::proxy
