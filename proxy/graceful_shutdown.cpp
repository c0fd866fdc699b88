#include "proxy/graceful_shutdown.hpp"

#include "common/log.hpp"

#include <algorithm>
#include <csignal>
#include <utility>

namespace wakegate::proxy {
namespace {

/// How often a draining proxy checks whether its last session has ended.
constexpr auto poll_interval = milliseconds(50);

/// For thousands of held clients to get their error.
constexpr auto final_error_timeout = seconds(5);

} // namespace

std::size_t count_connections(const std::vector<std::unique_ptr<worker>>& workers) {
    std::size_t all = 0;
    for (const auto& worker : workers) {
        all += worker->load();
    }
    return all;
}

graceful_shutdown::graceful_shutdown(
    const shutdown_targets& targets, sd_notifier& notifier, milliseconds drain_timeout
)
    : targets_(targets),
      notifier_(notifier),
      drain_timeout_(drain_timeout),
      signals_(targets.control, SIGTERM, SIGINT),
      timer_(targets.control) {}

void graceful_shutdown::start() {
    wait_for_signal();
}

void graceful_shutdown::wait_for_signal() {
    signals_.async_wait([this](boost::system::error_code stopped, int) {
        if (stopped) {
            return;
        }
        if (draining_) {
            finish();
            return;
        }
        drain();
        wait_for_signal();
    });
}

void graceful_shutdown::drain() {
    draining_ = true;
    log::info("proxy_draining").with("timeout_ms", drain_timeout_.count());
    notifier_.stopping("draining", drain_timeout_ + final_error_timeout + seconds(5));
    for (const auto& acceptor : targets_.acceptors) {
        acceptor->stop();
    }
    for (const auto& [name, cluster] : targets_.clusters) {
        cluster->gate->drain();
    }
    for (const auto& worker : targets_.workers) {
        worker->relay().drain();
    }
    finish_when_empty(clock::now() + drain_timeout_);
}

void graceful_shutdown::finish_when_empty(time_point deadline) {
    const auto left = count_connections(targets_.workers);
    if (left == 0 || clock::now() >= deadline) {
        log::info("proxy_drained").with("sessions_left", left);
        finish();
        return;
    }
    timer_.expires_after(poll_interval);
    timer_.async_wait([this, deadline](boost::system::error_code stopped) {
        if (!stopped) {
            finish_when_empty(deadline);
        }
    });
}

void graceful_shutdown::finish() {
    if (std::exchange(finishing_, true)) {
        return;
    }
    targets_.reports->leave();
    refuse_held_clients(clock::now() + final_error_timeout);
}

/// Repeated, since a client whose connect fails meanwhile waits at the gate again.
void graceful_shutdown::refuse_held_clients(time_point deadline) {
    for (const auto& [name, cluster] : targets_.clusters) {
        cluster->gate->refuse_all(gate_error::draining);
    }
    // Other threads send the errors to clients and the last report to scalers: give them time.
    timer_.expires_after(poll_interval * 2);
    timer_.async_wait([this, deadline](boost::system::error_code) {
        if (not_logged_in() == 0 || clock::now() >= deadline) {
            targets_.control.stop();
        } else {
            refuse_held_clients(deadline);
        }
    });
}

std::size_t graceful_shutdown::not_logged_in() const {
    std::size_t logged_in = 0;
    for (const auto& [name, cluster] : targets_.clusters) {
        const auto traffic = cluster->traffic.sum();
        logged_in += traffic.busy + traffic.idle;
    }
    const auto all = count_connections(targets_.workers);
    return all - std::min(all, logged_in);
}

} // namespace wakegate::proxy
