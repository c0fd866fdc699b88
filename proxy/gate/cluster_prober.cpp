#include "proxy/gate/cluster_prober.hpp"

#include "common/log.hpp"

#include <boost/asio/append.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/dispatch.hpp>

#include <exception>

namespace wakegate::proxy {

namespace asio = boost::asio;

cluster_prober::cluster_prober(
    asio::io_context& control,
    const std::string& cluster,
    probe_settings settings,
    std::function<void(const probe_result&)> on_result
)
    : control_(control),
      cluster_(cluster),
      settings_(std::move(settings)),
      on_result_(std::move(on_result)) {}

void cluster_prober::start() {
    asio::co_spawn(
        control_,
        probe(settings_),
        [this](const std::exception_ptr& failure, const probe_result& result) {
            finish(failure ? probe_result{.reason = "out of resources"} : result);
        }
    );
}

void cluster_prober::finish(const probe_result& result) {
    log_failure(result.ready ? std::string() : result.reason);
    // Take them out first: waiters that `on_result_` adds belong to the next probe.
    auto waiters = std::exchange(waiters_, {});
    on_result_(result);
    const bool is_there = result.ready || result.refused;
    for (auto& reply : waiters) {
        asio::dispatch(asio::append(std::move(reply), is_there));
    }
}

void cluster_prober::log_failure(const std::string& reason) {
    if (!reason.empty() && reason != last_failure_) {
        log::info("probe_failed").with("cluster", cluster_).with("reason", reason);
    }
    last_failure_ = reason;
}

} // namespace wakegate::proxy
