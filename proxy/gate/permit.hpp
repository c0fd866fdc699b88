#pragma once

#include "proxy/gate/gate_keeper.hpp"

#include <utility>

namespace wakegate::proxy {

/// An admission in use: one of the cluster's connection slots. Whoever holds it may dial and relay;
/// the slot is free again when it goes. Any thread.
class permit {
public:
    permit(gate_keeper& keeper, ticket who) noexcept : keeper_(&keeper), who_(who) {}

    permit(permit&& other) noexcept
        : keeper_(std::exchange(other.keeper_, nullptr)), who_(other.who_) {}

    permit(const permit&) = delete;
    permit& operator=(const permit&) = delete;
    permit& operator=(permit&&) = delete;

    ~permit() {
        if (keeper_ != nullptr) {
            keeper_->closed(who_);
        }
    }

    /// Its login slot alone is free again.
    void login_over() const { keeper_->logged_in(who_); }

    /// The gate takes the slot back with `come_back`.
    void give_back() noexcept { keeper_ = nullptr; }

private:
    gate_keeper* keeper_;
    ticket who_;
};

} // namespace wakegate::proxy
