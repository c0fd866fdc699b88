#include "scaler/actuator/async_mutex.hpp"

#include <utility>

namespace wakegate::actuator {

async_mutex::guard::guard(async_mutex& owner) noexcept : owner_(&owner) {}

async_mutex::guard::guard(guard&& other) noexcept : owner_(std::exchange(other.owner_, nullptr)) {}

async_mutex::guard::~guard() {
    if (owner_ != nullptr) {
        ++owner_->serving_;
        owner_->released_.notify();
    }
}

async_mutex::async_mutex(const boost::asio::any_io_executor& executor) : released_(executor) {}

boost::asio::awaitable<async_mutex::guard> async_mutex::lock() {
    const auto ticket = next_ticket_++;
    while (serving_ != ticket) {
        co_await released_.wait();
    }
    co_return guard(*this);
}

} // namespace wakegate::actuator
