#pragma once

#include "common/clock.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <string>
#include <string_view>

#include <sys/socket.h>
#include <sys/un.h>

namespace wakegate {

/// Reports this program's state to the service manager (systemd, Type=notify): the protocol of
/// sd_notify(3), one datagram a message. Without a manager nothing is sent. Not libsystemd: that
/// waits without a bound while the manager does not read, and it brings libraries for compression
/// and cryptography into a process that faces clients.
///
/// On one thread.
class sd_notifier {
public:
    /// No manager.
    sd_notifier() = default;
    sd_notifier(const sd_notifier&) = delete;
    sd_notifier& operator=(const sd_notifier&) = delete;
    ~sd_notifier();

    /// Takes NOTIFY_SOCKET, WATCHDOG_USEC and WATCHDOG_PID out of the environment, so that child
    /// processes do not use them. Call before other threads start.
    void read_environment();

    /// Serving. `status` is a line for `systemctl status`.
    void ready(std::string_view status);
    /// Rereading files; `reloaded` must follow.
    void reloading();
    void reloaded();
    /// Ending, which takes at most `longest`.
    void stopping(std::string_view status, milliseconds longest);
    /// The watchdog's keep-alive.
    void alive();

    /// The manager restarts a program that is not `alive` for so long; 0: it does not watch.
    [[nodiscard]] duration watchdog_timeout() const { return watchdog_timeout_; }

private:
    void connect(std::string_view path);
    void send(const std::string& message, int flags = 0);

    int socket_ = -1;
    ::sockaddr_un address_{};
    ::socklen_t address_size_ = 0;
    bool unreachable_ = false; ///< as of the last message
    duration watchdog_timeout_{};
};

/// Calls `alive` twice per timeout of the manager's watchdog, on the context's thread: a loop that
/// is stuck misses it. Does nothing without a watchdog.
class watchdog_timer {
public:
    watchdog_timer(boost::asio::io_context& context, sd_notifier& notifier);

private:
    void schedule();

    sd_notifier& notifier_;
    boost::asio::steady_timer timer_;
};

} // namespace wakegate
