#pragma once

#include "common/clock.hpp"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <thread>

namespace wakegate::log {

/// Writes lines to a descriptor on a thread of its own, so that logging never waits for the reader.
/// While nobody reads, lines beyond `capacity` bytes are dropped, the newest first; a line in their
/// place says how many, once writing works again.
///
/// Not spdlog's asynchronous logger: its destructor joins its thread, even while that is stuck in a
/// write.
class log_writer {
public:
    /// The line that stands for `count` dropped ones. Called on the writer's thread.
    using drop_report = std::function<std::string(std::uint64_t count)>;

    /// `descriptor` is the caller's and stays as it is: its flags may be shared with other
    /// processes. At most twice `capacity` bytes wait, half of them being written.
    log_writer(int descriptor, std::size_t capacity, drop_report report);
    log_writer(const log_writer&) = delete;
    log_writer& operator=(const log_writer&) = delete;
    /// Does not wait for lines that are left: `flush` first. A thread that is stuck in a write is
    /// abandoned; it ends with that write or with the process.
    ~log_writer();

    /// Any thread; lines come out in the order of these calls. `line` ends with a line feed. Up to
    /// PIPE_BUF bytes are written whole, even if others write there.
    void write(std::string line);

    /// Waits until everything so far is written or dropped. False: `patience` ended first.
    bool flush(milliseconds patience);

    /// Since the start. Any thread.
    [[nodiscard]] std::uint64_t dropped() const noexcept;

private:
    struct state;

    std::shared_ptr<state> state_; ///< shared with the thread
    std::thread thread_;
};

} // namespace wakegate::log
