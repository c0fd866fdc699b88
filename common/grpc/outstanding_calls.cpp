#include "common/grpc/outstanding_calls.hpp"

#include <utility>

namespace wakegate {

void outstanding_calls::add(std::shared_ptr<outstanding_call> call) {
    const std::lock_guard lock(mutex_);
    auto& added = *call;
    calls_.emplace(&added, std::move(call));
    ++count_;
    if (ending_) {
        added.end();
    }
}

void outstanding_calls::remove(const outstanding_call& call) {
    std::unique_lock lock(mutex_);
    auto removed = calls_.extract(&call);
    lock.unlock();
    removed = {}; // gRPC must not be entered with the lock held
    lock.lock();
    if (--count_ == 0) {
        emptied_.notify_all(); // under the lock: the waiter may destroy this list right after
    }
}

void outstanding_calls::end_all() {
    const std::lock_guard lock(mutex_);
    ending_ = true;
    for (const auto& [key, call] : calls_) {
        call->end(); // gRPC runs no reaction in here: those have threads of their own
    }
}

void outstanding_calls::wait_until_empty() {
    std::unique_lock lock(mutex_);
    emptied_.wait(lock, [this] { return count_ == 0; });
}

} // namespace wakegate
