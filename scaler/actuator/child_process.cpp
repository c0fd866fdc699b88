#include "scaler/actuator/child_process.hpp"

#include "common/descriptor_ready.hpp"
#include "common/no_throw.hpp"
#include "scaler/actuator/spawn.hpp"

#include <array>
#include <cerrno>
#include <csignal>
#include <string_view>
#include <utility>

#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

namespace wakegate::actuator {
namespace {

/// A pipe's capacity on Linux: the most that a child which has exited can have left in it. Bounded,
/// so that a daemon which keeps writing does not occupy the thread.
constexpr std::size_t longest_read = 65'536;

} // namespace

child_process::child_process(
    const boost::asio::any_io_executor& executor,
    const process_command& command,
    line_splitter::sink lines
)
    : timeout_(command.timeout),
      kill_after_(command.kill_after),
      lines_(std::move(lines)),
      exit_(executor),
      output_(executor),
      deadline_(executor) {}

child_process::~child_process() {
    signal_group(SIGTERM);
}

std::shared_ptr<child_process> child_process::start(
    const boost::asio::any_io_executor& executor,
    const process_command& command,
    line_splitter::sink lines,
    std::error_code& error
) {
    std::shared_ptr<child_process> child(new child_process(executor, command, std::move(lines)));
    error = child->spawn(command);
    if (error) {
        return nullptr;
    }
    child->watch_output();
    child->watch_deadline();
    return child;
}

std::error_code child_process::spawn(const process_command& command) {
    const auto spawned = spawn_in_group(command.argv, command.environment);
    if (spawned.error) {
        return spawned.error;
    }
    pid_ = spawned.pid;
    exit_.assign(spawned.exit_fd);
    output_.assign(spawned.output_fd);
    return {};
}

boost::asio::awaitable<process_exit> child_process::wait() {
    const auto self = shared_from_this();
    // Closing its output while it still runs would lose output, and kill it by SIGPIPE.
    while (!descriptor_ready(exit_.native_handle(), POLLIN)) {
        co_await exit_.async_wait(boost::asio::posix::stream_descriptor::wait_read, no_throw);
    }
    deadline_.cancel();
    if (output_.is_open()) {
        static_cast<void>(read_available());
        output_.close();
    }
    lines_.flush();
    co_return reap();
}

void child_process::kill_now() {
    cause_ = exit_cause::interrupted;
    signal_group(SIGKILL);
}

void child_process::watch_output() {
    const auto on_readable = [self = shared_from_this()](const boost::system::error_code& error) {
        if (error || !self->output_.is_open()) {
            return;
        }
        if (self->read_available()) {
            self->watch_output();
        } else {
            self->output_.close();
        }
    };
    output_.async_wait(boost::asio::posix::stream_descriptor::wait_read, on_readable);
}

bool child_process::read_available() {
    std::array<char, 4096> buffer{};
    std::size_t total = 0;
    while (total < longest_read) {
        const auto count = ::read(output_.native_handle(), buffer.data(), buffer.size());
        if (count <= 0) {
            return count < 0 && (errno == EAGAIN || errno == EINTR);
        }
        const auto length = static_cast<std::size_t>(count);
        lines_.feed(std::string_view(buffer.data(), length));
        total += length;
    }
    return true;
}

void child_process::watch_deadline() {
    const auto on_deadline = [weak = weak_from_this()](const boost::system::error_code& error) {
        const auto self = weak.lock();
        if (!error && self) {
            self->end_overrun();
        }
    };
    deadline_.expires_after(timeout_);
    deadline_.async_wait(on_deadline);
}

void child_process::end_overrun() {
    if (pid_ == 0) {
        return;
    }
    cause_ = exit_cause::timed_out;
    signal_group(SIGTERM);
    const auto on_still_there = [weak = weak_from_this()](const boost::system::error_code& error) {
        const auto self = weak.lock();
        if (!error && self) {
            self->signal_group(SIGKILL);
        }
    };
    deadline_.expires_after(kill_after_);
    deadline_.async_wait(on_still_there);
}

void child_process::signal_group(int number) const {
    if (pid_ != 0) {
        ::kill(-pid_, number);
    }
}

process_exit child_process::reap() {
    if (cause_ == exit_cause::timed_out) {
        // Before the child is reaped: until then no other process can have its id.
        signal_group(SIGKILL);
    }
    int status = 0;
    ::waitpid(pid_, &status, 0);
    pid_ = 0;
    process_exit end{.cause = cause_, .code = WEXITSTATUS(status)};
    if (WIFSIGNALED(status)) {
        end.code = WTERMSIG(status);
        if (cause_ == exit_cause::exited) {
            end.cause = exit_cause::killed_by_signal;
        }
    }
    return end;
}

} // namespace wakegate::actuator
