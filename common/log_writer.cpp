#include "common/log_writer.hpp"

#include <cerrno>
#include <condition_variable>
#include <mutex>
#include <pthread.h>
#include <string_view>
#include <utility>
#include <vector>

#include <poll.h>
#include <unistd.h>

namespace wakegate::log {
namespace {

/// False: the write failed, as on a closed descriptor, a pipe without reader or a full disk.
bool write_whole(int descriptor, std::string_view line) {
    while (!line.empty()) {
        const auto written = ::write(descriptor, line.data(), line.size());
        if (written >= 0) {
            line.remove_prefix(static_cast<std::size_t>(written));
        } else if (errno == EAGAIN) { // another process that shares it made it non-blocking
            pollfd wanted{.fd = descriptor, .events = POLLOUT, .revents = 0};
            ::poll(&wanted, 1, -1);
        } else if (errno != EINTR) {
            return false;
        }
    }
    return true;
}

} // namespace

struct log_writer::state {
    state(int into, std::size_t bytes, drop_report line)
        : descriptor(into), capacity(bytes), report(std::move(line)) {}

    void run();
    [[nodiscard]] std::uint64_t write_all(const std::vector<std::string>& lines) const;

    const int descriptor;
    const std::size_t capacity;
    const drop_report report;
    std::atomic<std::uint64_t> dropped = 0;

    std::mutex mutex; ///< guards what follows
    std::condition_variable changed;
    std::vector<std::string> queue;
    std::size_t queued_bytes = 0;
    std::uint64_t accepted = 0; ///< lines
    std::uint64_t finished = 0; ///< of `accepted`, those that are written, or can't be
    std::uint64_t unreported_drops =
        0; ///< dropped since the last report, all of them behind `queue`
    bool stopping = false;
};

/// Runs until `stopping`. Lines are dropped only while others are queued, so a report behind those
/// is in the right place.
void log_writer::state::run() {
    ::pthread_setname_np(::pthread_self(), "log"); // for ps and debuggers
    std::unique_lock lock(mutex);
    for (;;) {
        changed.wait(lock, [this] { return stopping || !queue.empty(); });
        if (stopping) {
            return;
        }
        const auto lines = std::exchange(queue, {});
        queued_bytes = 0;
        auto missing = std::exchange(unreported_drops, 0);
        lock.unlock();
        const auto failed = write_all(lines);
        dropped += failed;
        missing += failed;
        const bool is_reported = missing == 0 || write_whole(descriptor, report(missing));
        lock.lock();
        unreported_drops += is_reported ? 0 : missing;
        finished += lines.size();
        changed.notify_all();
    }
}

/// Returns how many could not be written.
std::uint64_t log_writer::state::write_all(const std::vector<std::string>& lines) const {
    std::uint64_t failed = 0;
    for (const auto& line : lines) {
        failed += write_whole(descriptor, line) ? 0 : 1;
    }
    return failed;
}

log_writer::log_writer(int descriptor, std::size_t capacity, drop_report report)
    : state_(std::make_shared<state>(descriptor, capacity, std::move(report))),
      thread_([shared = state_] { shared->run(); }) {}

log_writer::~log_writer() {
    {
        const std::lock_guard lock(state_->mutex);
        state_->stopping = true;
        state_->changed.notify_all();
    }
    thread_.detach();
}

void log_writer::write(std::string line) {
    const std::lock_guard lock(state_->mutex);
    if (state_->queued_bytes + line.size() > state_->capacity) {
        ++state_->dropped;
        ++state_->unreported_drops;
        return;
    }
    state_->queued_bytes += line.size();
    state_->queue.push_back(std::move(line));
    ++state_->accepted;
    state_->changed.notify_all();
}

bool log_writer::flush(milliseconds patience) {
    std::unique_lock lock(state_->mutex);
    const auto all = state_->accepted;
    return state_->changed.wait_for(lock, patience, [&] { return state_->finished >= all; });
}

std::uint64_t log_writer::dropped() const noexcept {
    return state_->dropped;
}

} // namespace wakegate::log
