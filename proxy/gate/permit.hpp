#pragma once

#include "proxy/gate/gate_service.hpp"

#include <cstdint>
#include <utility>

namespace wakegate::proxy {

/// An admission in use: one of the cluster's connection slots. Whoever holds it may dial and relay;
/// the slot is free again when it goes. Any thread.
class permit {
public:
    /// `passed`: by `gate_service::try_acquire`, not by the ticket.
    permit(gate_service& keeper, ticket id, bool passed = false) noexcept
        : keeper_(&keeper), id_(id), login_(passed ? login::passed : login::ticketed) {}

    permit(permit&& other) noexcept
        : keeper_(std::exchange(other.keeper_, nullptr)), id_(other.id_), login_(other.login_) {}

    permit(const permit&) = delete;
    permit& operator=(const permit&) = delete;
    permit& operator=(permit&&) = delete;

    ~permit() {
        if (keeper_ == nullptr) {
            return;
        }
        if (login_ == login::ticketed) {
            keeper_->closed(id_);
        } else {
            keeper_->release({.places = 1, .logins = login_ == login::passed ? 1U : 0U});
        }
    }

    [[nodiscard]] ticket id() const noexcept { return id_; }

    /// Its login slot alone is free again.
    void login_ended() {
        const auto before = std::exchange(login_, login::over);
        if (before == login::ticketed) {
            keeper_->logged_in(id_);
        } else if (before == login::passed) {
            keeper_->release({.places = 0, .logins = 1});
        }
    }

    /// The login takes longer than logins do: its login slot alone is free again, and it goes on.
    void login_is_slow() {
        if (login_ == login::passed) {
            keeper_->track(id_);
            login_ = login::ticketed;
        }
        keeper_->login_is_slow(id_);
    }

    /// The gate takes the slot back with `requeue`.
    void give_back() {
        if (login_ == login::passed) {
            keeper_->track(id_);
        }
        keeper_ = nullptr;
    }

private:
    /// By what the login slot is taken.
    enum class login : std::uint8_t { ticketed, passed, over };

    gate_service* keeper_;
    ticket id_;
    login login_;
};

} // namespace wakegate::proxy
