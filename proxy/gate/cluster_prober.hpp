#pragma once

#include "proxy/libpq/probe.hpp"

#include <boost/asio/any_completion_handler.hpp>
#include <boost/asio/io_context.hpp>

#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace wakegate::proxy {

/// Runs one cluster's probes, and tells waiting callers whether the server is there. Control
/// thread; lives until the control context has stopped.
class cluster_prober {
public:
    using waiter = boost::asio::any_completion_handler<void(bool)>;

    /// Calls `on_result` after each probe, before the waiting callers. `cluster` outlives this.
    cluster_prober(
        boost::asio::io_context& control,
        const std::string& cluster,
        probe_settings settings,
        std::function<void(const probe_result&)> on_result
    );
    cluster_prober(const cluster_prober&) = delete;
    cluster_prober& operator=(const cluster_prober&) = delete;

    /// Answered by the probe under way or the next.
    void add_waiter(waiter reply) { waiters_.push_back(std::move(reply)); }

    /// Precondition: none is running.
    void start();

    /// Drops all callers, unanswered.
    void abandon() { std::exchange(waiters_, {}).clear(); }

private:
    void finish(const probe_result& result);
    void log_failure(const std::string& reason);

    boost::asio::io_context& control_;
    const std::string& cluster_;
    probe_settings settings_;
    std::function<void(const probe_result&)> on_result_;
    std::vector<waiter> waiters_;
    std::string last_failure_; ///< last logged; empty after a success
};

} // namespace wakegate::proxy
