#include "scaler/actuator/async_mutex.hpp"

#include <utility>

namespace wakegate::actuator {

async_mutex::turn::turn(async_mutex& owner) noexcept : owner_(&owner) {}

async_mutex::turn::turn(turn&& other) noexcept : owner_(std::exchange(other.owner_, nullptr)) {}

async_mutex::turn::~turn() {
    if (owner_ != nullptr) {
        ++owner_->serving_;
        owner_->moved_on_.notify();
    }
}

async_mutex::async_mutex(const boost::asio::any_io_executor& executor) : moved_on_(executor) {}

boost::asio::awaitable<async_mutex::turn> async_mutex::enter() {
    const auto ticket = next_ticket_++;
    while (serving_ != ticket) {
        co_await moved_on_.wait();
    }
    co_return turn(*this);
}

} // namespace wakegate::actuator
