#pragma once

#include "common/log.hpp"
#include "common/sd_notify.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>

#include <array>
#include <functional>

#include <signal.h>

namespace wakegate {

/// Signals that by default end the process although that is not what they are sent for: a write to
/// a closed connection, a closed terminal, a reload, a log rotation, a tool's request for details.
inline constexpr std::array ignored_signals{SIGPIPE, SIGHUP, SIGUSR1, SIGUSR2, SIGALRM};

/// Call before other threads start. Child processes inherit it across exec: see `ignored_signals`.
void ignore_signals() noexcept;

/// Handles SIGHUP while it lives: rereads files, logs `reloaded`, tells the service manager; ends
/// nothing.
class reload_signal {
public:
    /// Rereads what can be reread while the program runs, and adds to the event how much that was.
    using reload = std::function<void(log::event& reloaded)>;

    /// `reread` is called on the context's thread.
    reload_signal(boost::asio::io_context& context, sd_notifier& notifier, reload reread);
    reload_signal(const reload_signal&) = delete;
    reload_signal& operator=(const reload_signal&) = delete;
    /// SIGHUP is ignored again. On the context's thread, or with it stopped.
    ~reload_signal();

private:
    void wait();

    boost::asio::signal_set signals_;
    sd_notifier& notifier_;
    reload reread_;
};

} // namespace wakegate
