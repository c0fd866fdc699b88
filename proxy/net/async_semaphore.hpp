#pragma once

#include "common/clock.hpp"

#include <boost/asio/awaitable.hpp>

#include <cstddef>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>

namespace wakegate::proxy {

/// A counting semaphore for coroutines: a number of slots, and a bounded queue, first come first
/// served. Any thread; a coroutine resumes on its own executor. Outlives its slots and every
/// pending `acquire`.
class async_semaphore {
public:
    /// Held while this lives.
    class slot {
    public:
        explicit slot(async_semaphore& owner) noexcept : owner_(&owner) {}

        slot(slot&& other) noexcept : owner_(std::exchange(other.owner_, nullptr)) {}

        slot& operator=(slot&&) = delete;

        ~slot() {
            if (owner_ != nullptr) {
                owner_->release();
            }
        }

    private:
        async_semaphore* owner_;
    };

    /// `slots`: above 0. `max_waiting`: the length of the queue.
    async_semaphore(std::size_t slots, std::size_t max_waiting);
    async_semaphore(const async_semaphore&) = delete;
    async_semaphore& operator=(const async_semaphore&) = delete;

    /// Nothing when the queue is full (at once), or when no slot gets free within `limit`. The
    /// caller's executor runs on one thread.
    [[nodiscard]] boost::asio::awaitable<std::optional<slot>> acquire(duration limit);

    /// Held slots, and callers in the queue.
    [[nodiscard]] std::size_t users() const;

private:
    struct waiter;
    class request;
    friend class request;

    void release() noexcept;

    const std::size_t max_waiting_;
    mutable std::mutex mutex_;
    std::size_t free_;
    std::size_t held_ = 0;
    std::list<std::shared_ptr<waiter>> queue_;
};

} // namespace wakegate::proxy
