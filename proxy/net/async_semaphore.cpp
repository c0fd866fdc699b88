#include "proxy/net/async_semaphore.hpp"

#include "common/no_throw.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>

#include <cassert>

namespace wakegate::proxy {

namespace asio = boost::asio;

struct async_semaphore::waiter {
    waiter(const asio::any_io_executor& home, duration limit) : timer(home, limit) {}

    asio::steady_timer timer; ///< cancelled when a slot is granted; for its executor only
    bool granted = false;     ///< guarded by the semaphore's mutex
};

/// One caller: with a slot, in the queue, or rejected. Returns a slot that was granted but not
/// taken, because the coroutine was destroyed first.
class async_semaphore::request {
public:
    request(async_semaphore& owner, const asio::any_io_executor& home, duration limit)
        : owner_(owner) {
        const std::lock_guard lock(owner_.mutex_);
        if (owner_.free_ > 0) {
            --owner_.free_;
            ++owner_.held_;
            has_slot_ = true;
        } else if (owner_.queue_.size() < owner_.max_waiting_) {
            waiter_ = std::make_shared<waiter>(home, limit);
            owner_.queue_.push_back(waiter_);
        }
    }

    request(const request&) = delete;
    request& operator=(const request&) = delete;

    ~request() {
        leave_queue();
        if (has_slot_) {
            owner_.release();
        }
    }

    [[nodiscard]] bool waits() const noexcept { return waiter_ != nullptr; }

    [[nodiscard]] asio::awaitable<void> granted_or_late() {
        co_await waiter_->timer.async_wait(no_throw);
    }

    [[nodiscard]] std::optional<slot> take() {
        leave_queue();
        std::optional<slot> free_slot;
        if (std::exchange(has_slot_, false)) {
            free_slot.emplace(owner_);
        }
        return free_slot;
    }

private:
    void leave_queue() noexcept {
        if (waiter_ == nullptr) {
            return;
        }
        const std::lock_guard lock(owner_.mutex_);
        if (waiter_->granted) {
            has_slot_ = true;
        } else {
            owner_.queue_.remove(waiter_);
        }
        waiter_.reset();
    }

    async_semaphore& owner_;
    bool has_slot_ = false;
    std::shared_ptr<waiter> waiter_; ///< null: never waited, or waits no more
};

async_semaphore::async_semaphore(std::size_t slots, std::size_t max_waiting)
    : max_waiting_(max_waiting), free_(slots) {
    assert(slots > 0);
}

asio::awaitable<std::optional<async_semaphore::slot>> async_semaphore::acquire(duration limit) {
    const auto executor = co_await asio::this_coro::executor;
    request caller(*this, executor, limit);
    if (caller.waits()) {
        co_await caller.granted_or_late();
    }
    co_return caller.take();
}

std::size_t async_semaphore::users() const {
    const std::lock_guard lock(mutex_);
    return held_ + queue_.size();
}

void async_semaphore::release() noexcept {
    const std::lock_guard lock(mutex_);
    if (queue_.empty()) {
        ++free_;
        --held_;
        return;
    }
    const auto next = std::move(queue_.front());
    queue_.pop_front();
    next->granted = true;
    asio::post(next->timer.get_executor(), [next] { next->timer.cancel(); });
}

} // namespace wakegate::proxy
