#pragma once

#include "common/clock.hpp"
#include "common/sd_notify.hpp"
#include "proxy/cluster/resolve_route.hpp"
#include "proxy/net/acceptor.hpp"
#include "proxy/net/worker.hpp"
#include "proxy/report/reporter.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>

#include <cstddef>
#include <memory>
#include <vector>

namespace wakegate::proxy {

/// Connections of all workers. Any thread.
[[nodiscard]] std::size_t count_connections(const std::vector<std::unique_ptr<worker>>& workers);

/// What a shutdown ends; set before the first signal.
struct shutdown_targets {
    boost::asio::io_context& control;
    const std::vector<std::unique_ptr<acceptor>>& acceptors;
    const std::vector<std::unique_ptr<worker>>& workers;
    const cluster_map& clusters;
    const std::unique_ptr<reporter>& reports;
};

/// How the proxy ends after SIGTERM or SIGINT:
///
///     serving ──(signal)──▶ draining: accepts no clients, sessions go on
///             ──(no session left, `drain_timeout`, or a second signal)──▶ finishing: sends
///               scalers the last report and held clients an error ──(no client is held, or 5 s)──▶
///               the control context is stopped
///
/// On the control thread.
class graceful_shutdown {
public:
    graceful_shutdown(
        const shutdown_targets& targets, sd_notifier& notifier, milliseconds drain_timeout
    );

    /// Waits for the signals from now on.
    void start();

    /// Set once; valid as long as this object.
    [[nodiscard]] const bool& draining() const noexcept { return draining_; }

private:
    void wait_for_signal();
    void drain();
    void finish_when_empty(time_point deadline);
    void finish();
    void refuse_held_clients(time_point deadline);
    /// Those that are not logged in at a server: at least as many as are held.
    [[nodiscard]] std::size_t not_logged_in() const;

    shutdown_targets targets_;
    sd_notifier& notifier_;
    milliseconds drain_timeout_;
    boost::asio::signal_set signals_;
    boost::asio::steady_timer timer_;
    bool draining_ = false;
    bool finishing_ = false;
};

} // namespace wakegate::proxy
