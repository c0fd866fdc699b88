#include "scaler/open_streams.hpp"

namespace wakegate::scaler {

bool open_streams::add(open_stream& stream) {
    const std::lock_guard lock(mutex_);
    streams_.insert(&stream);
    return !finishing_;
}

void open_streams::remove(open_stream& stream) {
    const std::lock_guard lock(mutex_);
    streams_.erase(&stream);
    if (streams_.empty()) {
        emptied_.notify_all(); // under the lock: the waiter may destroy this set right after
    }
}

void open_streams::finish_all() {
    const std::lock_guard lock(mutex_);
    finishing_ = true;
    for (auto* stream : streams_) {
        stream->finish();
    }
}

void open_streams::wait_until_empty() {
    std::unique_lock lock(mutex_);
    emptied_.wait(lock, [this] { return streams_.empty(); });
}

} // namespace wakegate::scaler
