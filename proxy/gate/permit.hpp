#pragma once

#include "proxy/gate/gate_service.hpp"

#include <boost/asio/awaitable.hpp>

#include <cstdint>
#include <utility>

namespace wakegate::proxy {

/// An admission in use: one of the cluster's connection slots. Its owner may connect and relay; its
/// destructor frees the slot. Any thread.
///
/// What it owes the gate depends on how it got its login slot:
///
///     by_credits ──(login_is_slow, requeue: track)──▶ by_ticket ──(requeue)──▶ none
///         └───────────(login_ended)──▶ over ◀──(login_ended)──┘
///
///     destroyed as `by_credits`  releases a connection and a login
///                  `by_ticket`   closes the ticket
///                  `over`        releases a connection
class permit {
public:
    /// `by_credits`: admitted by `gate_service::try_acquire`, not by the ticket.
    permit(gate_service& gate, ticket id, bool by_credits = false) noexcept
        : gate_(&gate), id_(id), login_(by_credits ? login::by_credits : login::by_ticket) {}

    permit(permit&& other) noexcept
        : gate_(std::exchange(other.gate_, nullptr)), id_(other.id_), login_(other.login_) {}

    permit(const permit&) = delete;
    permit& operator=(const permit&) = delete;
    permit& operator=(permit&&) = delete;

    ~permit() {
        if (gate_ == nullptr) {
            return;
        }
        if (login_ == login::by_ticket) {
            gate_->closed(id_);
        } else {
            const bool has_login = login_ == login::by_credits;
            gate_->release({.connections = 1, .logins = has_login ? 1U : 0U});
        }
    }

    [[nodiscard]] ticket id() const noexcept { return id_; }

    /// Frees only its login slot.
    void login_ended() {
        const auto before = std::exchange(login_, login::over);
        if (before == login::by_ticket) {
            gate_->logged_in(id_);
        } else if (before == login::by_credits) {
            gate_->release({.connections = 0, .logins = 1});
        }
    }

    /// The login is slow: it continues without its login slot.
    void login_is_slow() {
        track();
        gate_->login_is_slow(id_);
    }

    /// The server was not there: frees both slots and waits again, in the same place of the queue.
    /// The permit is empty afterwards. See `gate_service::enter`.
    [[nodiscard]] boost::asio::awaitable<admission> requeue(
        time_point deadline,
        connection_kind kind = gate::ordinary,
        const session_identity* client = nullptr
    ) {
        track();
        return std::exchange(gate_, nullptr)->requeue(id_, deadline, kind, client);
    }

private:
    enum class login : std::uint8_t { by_ticket, by_credits, over };

    void track() {
        if (login_ == login::by_credits) {
            gate_->track(id_);
            login_ = login::by_ticket;
        }
    }

    gate_service* gate_;
    ticket id_;
    login login_;
};

} // namespace wakegate::proxy
