#include "scaler/actuator/turnstile.hpp"

#include <utility>

namespace wakegate::actuator {

turnstile::turn::turn(turnstile& owner) noexcept : owner_(&owner) {}

turnstile::turn::turn(turn&& other) noexcept : owner_(std::exchange(other.owner_, nullptr)) {}

turnstile::turn::~turn() {
    if (owner_ != nullptr) {
        ++owner_->serving_;
        owner_->moved_on_.ring();
    }
}

turnstile::turnstile(const boost::asio::any_io_executor& executor) : moved_on_(executor) {}

boost::asio::awaitable<turnstile::turn> turnstile::enter() {
    const auto ticket = next_ticket_++;
    while (serving_ != ticket) {
        co_await moved_on_.wait();
    }
    co_return turn(*this);
}

} // namespace wakegate::actuator
