#pragma once

#include "common/admin_http.hpp"
#include "common/sd_notify.hpp"
#include "common/signals.hpp"
#include "proxy/config/proxy_config.hpp"
#include "proxy/gate/gate_service.hpp"
#include "proxy/graceful_shutdown.hpp"
#include "proxy/metrics.hpp"
#include "proxy/net/acceptor.hpp"
#include "proxy/net/worker.hpp"
#include "proxy/reloaded_files.hpp"
#include "proxy/report/reporter.hpp"
#include "proxy/session/listener.hpp"
#include "proxy/session/session.hpp"
#include "proxy/status/status_pages.hpp"
#include "proxy/tls/backend_tls.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <cstddef>
#include <memory>
#include <vector>

namespace wakegate::proxy {

/// The whole proxy: builds and connects its parts, and destroys them in order. The thread that
/// calls `run` is the control thread.
class app final : public gate_observer {
public:
    /// Throws `configuration_error` for an address that can't be had.
    app(const proxy_config& config, sd_notifier& notifier);
    ~app() override;

    /// Returns after SIGTERM or SIGINT, when `graceful_shutdown` is complete.
    void run();

    void demand_changed(const gate_service& gate, bool urgent) override;
    void cluster_woke(const gate_service& gate, duration took) override;
    void session_released(const gate_service& gate, duration held) override;
    void session_refused(const gate_service& gate, gate_error error) override;
    void state_changed(const gate_service& gate, gate_state now) override;

private:
    void build_verifier_store();
    void build_clusters();
    void build_listeners();
    void build_peer_acceptor();
    void build_admin();
    void probe_clusters();
    /// Every few seconds: reloads changed certificates, logs dropped cancels and refused logins.
    void schedule_housekeeping();
    /// `max_clients` are connected; those who are only being sent an error do not count.
    [[nodiscard]] bool is_full() const;

    const proxy_config config_;
    sd_notifier& notifier_;
    boost::asio::io_context control_{1};
    const std::size_t max_clients_;
    metrics metrics_;
    global_queue_limit global_queue_limit_;
    std::unique_ptr<verifier_store> verifiers_; ///< null without an `auth_query`
    // Sessions on the workers refer to these, and the gates hold continuations of theirs: see the
    // destructor for the order in which all of it is destroyed.
    session_context context_;
    std::vector<std::unique_ptr<listener>> listeners_;            ///< one for each listener
    std::vector<std::shared_ptr<tls::backend_tls>> backends_tls_; ///< of the clusters that have it
    reloaded_files files_;
    std::vector<std::unique_ptr<worker>> workers_;
    std::unique_ptr<reporter> reporter_;
    std::vector<std::unique_ptr<acceptor>> acceptors_;
    std::unique_ptr<acceptor> peer_acceptor_; ///< null: no peers
    std::unique_ptr<status_pages> status_pages_;
    std::unique_ptr<admin_http> admin_;
    graceful_shutdown shutdown_;
    reload_signal reload_;
    watchdog_timer watchdog_;
    boost::asio::steady_timer housekeeping_timer_;
};

} // namespace wakegate::proxy
