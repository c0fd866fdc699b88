#pragma once

#include "common/clock.hpp"
#include "scaler/actuator/line_splitter.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>

#include <memory>
#include <string>
#include <system_error>
#include <vector>

#include <sys/types.h>

namespace wakegate::actuator {

struct process_command {
    std::vector<std::string> argv;        ///< argv[0] is looked up in our own PATH
    std::vector<std::string> environment; ///< "NAME=value", overriding our own
    milliseconds timeout{60'000};
    milliseconds kill_after{5'000}; ///< from SIGTERM to SIGKILL
};

enum class exit_cause { exited, killed_by_signal, timed_out, interrupted };

struct process_exit {
    exit_cause cause = exit_cause::exited;
    int code = 0; ///< exit code, or the signal's number
};

/// A child in its own process group, with no input, whose output comes line by line.
///
/// It ends when the process itself exits, not when its output closes: the server that `pg_ctl
/// start` leaves behind keeps the pipe open for ever. What can be read at that moment is still
/// handed out, then the pipe is closed.
///
/// Past its timeout the group gets SIGTERM; once the child is gone, or `kill_after` later, what is
/// left of the group gets SIGKILL. A child that became another user (sudo) can't be signalled, and
/// is waited for until it ends by itself. No descriptor of ours but 0-2 reaches the child, so a
/// daemon it leaves behind can't hold our ports.
///
/// One thread, the executor's. A child that is dropped unfinished is sent SIGTERM.
class child_process : public std::enable_shared_from_this<child_process> {
public:
    /// nullptr and `error` when it can't be started (ENOENT: no such program).
    [[nodiscard]] static std::shared_ptr<child_process> start(
        const boost::asio::any_io_executor& executor,
        const process_command& command,
        line_splitter::sink lines,
        std::error_code& error
    );

    child_process(const child_process&) = delete;
    child_process& operator=(const child_process&) = delete;
    ~child_process();

    /// Call it once, right after `start`.
    [[nodiscard]] boost::asio::awaitable<process_exit> wait();
    /// SIGKILL to the whole group; `wait` then returns `interrupted`, once the child is gone.
    void kill_now();

private:
    child_process(
        const boost::asio::any_io_executor& executor,
        const process_command& command,
        line_splitter::sink lines
    );

    [[nodiscard]] std::error_code spawn(const process_command& command);
    void watch_output();
    /// False at the end of the output.
    [[nodiscard]] bool read_available();
    void watch_deadline();
    void end_overrun();
    void signal_group(int number) const;
    [[nodiscard]] process_exit reap();

    milliseconds timeout_;
    milliseconds kill_after_;
    line_splitter lines_;
    boost::asio::posix::stream_descriptor exit_; // a pidfd: readable once the child has exited
    boost::asio::posix::stream_descriptor output_;
    boost::asio::steady_timer deadline_;
    pid_t pid_ = 0; // 0 once reaped, so that no signal can hit a recycled number
    exit_cause cause_ = exit_cause::exited;
};

} // namespace wakegate::actuator
