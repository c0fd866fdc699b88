#include "proxy/app.hpp"

#include "common/log.hpp"
#include "proxy/admin_pages.hpp"
#include "proxy/cancel/handle_cancel.hpp"
#include "proxy/gate/initial_probes.hpp"
#include "proxy/net/descriptor_limit.hpp"
#include "proxy/net/spawn.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

namespace wakegate::proxy {

namespace asio = boost::asio;

namespace {

/// How soon changed certificate files are noticed. Kubernetes takes a minute to update mounts.
constexpr auto housekeeping_interval = seconds(5);

asio::awaitable<void> run_session(std::unique_ptr<session> served, bool is_full) {
    co_await served->run(is_full);
}

} // namespace

app::app(const proxy_config& config, sd_notifier& notifier)
    : config_(config),
      notifier_(notifier),
      max_clients_(config.max_clients.value_or(max_sessions())),
      global_queue_limit_{.max_waiting = config.max_waiting},
      context_{
          .routes = router(config.routes),
          .clusters = {},
          .cancels = cancel_service(
              config.cancel,
              [this](std::string_view outcome, std::string_view reason) {
                  metrics_.cancelled(outcome, reason);
              }
          ),
          .logins = login_limiter(config.cancel.secrets.get()),
          .source_limit = per_source_limit(
              config.max_clients_per_source,
              std::min(per_source_limit::max_waiting, max_sessions() / 8) // one descriptor each
          ),
          .clients = std::vector<setup_thread_clients>(config.threads),
      },
      files_(listeners_, backends_tls_, context_.clusters),
      shutdown_(
          {.control = control_,
           .acceptors = acceptors_,
           .workers = workers_,
           .clusters = context_.clusters,
           .reports = reporter_},
          notifier_,
          config_.drain_timeout
      ),
      reload_(control_, notifier_, [this](log::event& reloaded) { files_.reload_all(reloaded); }),
      watchdog_(control_, notifier_),
      housekeeping_timer_(control_) {
    if (max_clients_ > max_sessions()) {
        log::warning("max_clients_beyond_open_files")
            .with("max_clients", max_clients_)
            .with("room_for", max_sessions());
    }
    for (std::size_t index = 0; index < config_.threads; ++index) {
        workers_.push_back(std::make_unique<worker>(index, shortest_user_timeout(config_)));
    }
    context_.startup_timeout = config_.startup_timeout;
    context_.authentication_timeout = config_.authentication_timeout;
    context_.tls_timeout = config_.tls_timeout;
    context_.count_refusal = [this](std::string_view cluster, std::string_view sqlstate) {
        metrics_.refused(cluster, sqlstate);
    };
    build_verifier_store();
    build_clusters();
    build_listeners();
    build_peer_acceptor();
    build_admin();
}

app::~app() {
    // First the threads that post to the control context, then the objects that they posted for.
    admin_.reset();
    for (auto& worker : workers_) {
        worker->stop();
    }
    acceptors_.clear();
    peer_acceptor_.reset();
    // Continuations of sessions may still be queued here; the gates take them in, and destroy
    // them before the workers whose sockets they have.
    control_.restart();
    control_.poll();
    reporter_.reset();
    for (auto& [name, cluster] : context_.clusters) {
        cluster->gate->abandon();
        if (cluster->verifiers) {
            cluster->verifiers->abandon();
        }
    }
    // The other sessions are on their setup threads: what they release goes to gates that still
    // exist.
    workers_.clear();
}

void app::build_verifier_store() {
    std::set<std::string> clusters_with_query;
    for (const auto& entry : config_.clusters) {
        if (entry.verifiers && entry.verifiers->query) {
            clusters_with_query.insert(entry.settings.name);
        }
    }
    if (!clusters_with_query.empty()) {
        verifiers_ = std::make_unique<verifier_store>(config_.verifier_cache, clusters_with_query);
    }
}

void app::build_clusters() {
    std::vector<reported_cluster> reported;
    for (const auto& entry : config_.clusters) {
        auto added =
            std::make_unique<cluster>(entry.settings, cluster_traffic(config_.threads), nullptr);
        if (entry.backend_tls.uses_tls()) {
            backends_tls_.push_back(
                std::make_shared<tls::backend_tls>(entry.settings.name, entry.backend_tls)
            );
            added->settings.endpoint.tls = backends_tls_.back();
        }
        add_endpoints(*added, context_.routes); // needs the complete settings
        added->gate = std::make_unique<gate_service>(
            control_,
            entry.settings.name,
            entry.gate,
            entry.probe,
            global_queue_limit_,
            added->traffic,
            *this
        );
        if (entry.verifiers) {
            added->verifiers = std::make_unique<verifier_refresher>(
                control_, entry.settings.name, *entry.verifiers, verifiers_.get()
            );
        }
        reported.push_back(
            {.gate = added->gate.get(), .count_idle_sessions = entry.settings.count_idle_sessions}
        );
        context_.clusters.emplace(entry.settings.name, std::move(added));
    }
    reporter_settings settings{
        .scalers = config_.scalers,
        .lease = config_.lease,
        .proxy_name = config_.name,
    };
    reporter_ = std::make_unique<reporter>(control_, std::move(settings), std::move(reported));
}

void app::build_listeners() {
    for (const auto& entry : config_.listeners) {
        auto added = std::make_unique<listener>();
        added->name = entry.name;
        added->proxy_protocol = entry.proxy_protocol;
        added->roles = role_map(entry.client_roles);
        added->tls_passthrough = entry.tls.mode == tls::listener_mode::passthrough;
        added->broadcast_cancels = entry.broadcast_cancels;
        if (entry.tls.terminates()) {
            added->tls = std::make_unique<tls::listener_tls>(entry.name, entry.tls);
        }
        const auto& listener = *listeners_.emplace_back(std::move(added));
        acceptors_.push_back(std::make_unique<acceptor>(
            workers_[acceptors_.size() % workers_.size()]->setup_context(),
            "listeners." + entry.name + ".address",
            entry.address,
            entry.tcp,
            workers_,
            [this, &listener](asio::ip::tcp::socket client, worker& home) {
                const bool full = is_full(); // without this one
                auto served =
                    std::make_unique<session>(std::move(client), listener, home, context_);
                spawn(home.setup_context(), run_session(std::move(served), full));
            }
        ));
    }
}

/// Open while draining: peers pass on cancels for sessions that are left here.
void app::build_peer_acceptor() {
    if (!config_.cancel.listen) {
        return;
    }
    peer_acceptor_ = std::make_unique<acceptor>(
        workers_.front()->setup_context(),
        "cancel.listen",
        *config_.cancel.listen,
        tcp_timeouts(),
        workers_,
        [this](asio::ip::tcp::socket peer, worker& home) {
            spawn(
                home.setup_context(),
                serve_peer(context_.cancels, context_.clusters, std::move(peer))
            );
        }
    );
}

void app::build_admin() {
    if (!config_.admin) {
        return;
    }
    const admin_sources sources{
        .counters = metrics_,
        .clusters = context_.clusters,
        .verifiers = verifiers_.get(),
        .files = files_,
        .reports = *reporter_,
        .draining = shutdown_.draining(),
    };
    auto pages = admin_pages(sources);
    status_pages_ = std::make_unique<status_pages>(status_sources{
        .control = control_,
        .workers = workers_,
        .sessions = context_,
        .reports = *reporter_,
        .draining = shutdown_.draining(),
        .max_clients = max_clients_,
        .name = config_.name,
    });
    status_pages_->add_to(pages);
    admin_ = std::make_unique<admin_http>(control_, *config_.admin, std::move(pages));
}

void app::run() {
    for (std::size_t i = 0; i < acceptors_.size(); ++i) {
        acceptors_[i]->start();
        log::info("proxy_listening")
            .with("name", config_.name)
            .with("listener", config_.listeners[i].name)
            .with("address", to_string(config_.listeners[i].address));
    }
    if (peer_acceptor_ != nullptr) {
        peer_acceptor_->start();
    }
    reporter_->start();
    probe_clusters();
    for (const auto& [name, cluster] : context_.clusters) {
        if (cluster->verifiers) {
            cluster->verifiers->start();
        }
    }
    schedule_housekeeping();
    shutdown_.start();
    notifier_.ready(fmt::format("{} clusters", context_.clusters.size()));
    control_.run();
    log::info("proxy_stopped");
}

void app::probe_clusters() {
    std::vector<gate_service*> gates;
    for (const auto& [name, cluster] : context_.clusters) {
        gates.push_back(cluster->gate.get());
    }
    probe_all(control_, std::move(gates));
}

void app::schedule_housekeeping() {
    housekeeping_timer_.expires_after(housekeeping_interval);
    housekeeping_timer_.async_wait([this](boost::system::error_code stopped) {
        if (!stopped) {
            files_.reload_certificates_if_changed();
            report_dropped_cancels(context_.cancels.drops());
            report_unlogged_refusals(context_.login_log);
            schedule_housekeeping();
        }
    });
}

bool app::is_full() const {
    const auto all = count_connections(workers_);
    return all >= max_clients_ && all - context_.source_limit.rejections() >= max_clients_;
}

void app::demand_changed(const gate_service& gate, bool urgent) {
    reporter_->demand_changed(gate, urgent);
}

void app::cluster_woke(const gate_service& gate, duration took) {
    metrics_.woke(gate.name(), took);
}

void app::session_released(const gate_service& gate, duration held) {
    metrics_.released(gate.name(), held);
}

void app::session_refused(const gate_service& gate, gate_error error) {
    const gate_refusal refused{error};
    metrics_.refused(gate.name(), to_client_error(refused, gate.name()).sqlstate);
}

void app::state_changed(const gate_service& gate, gate_state now) {
    const auto found = context_.clusters.find(gate.name());
    if (found == context_.clusters.end()) {
        return;
    }
    if (found->second->verifiers) {
        found->second->verifiers->set_awake(now == gate_state::ready);
    }
    if (now == gate_state::asleep || now == gate_state::waking) {
        for (auto& worker : workers_) {
            worker->relay().suspect(found->second.get());
        }
    }
}

} // namespace wakegate::proxy
