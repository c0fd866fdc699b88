#include "proxy/app.hpp"

#include "common/log.hpp"
#include "proxy/admin_pages.hpp"
#include "proxy/gate/initial_probes.hpp"
#include "proxy/net/descriptor_limit.hpp"
#include "proxy/net/spawn.hpp"
#include "proxy/session/handle_cancel.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <csignal>
#include <set>
#include <utility>

namespace wakegate::proxy {

namespace asio = boost::asio;

namespace {

/// How often a draining proxy looks whether its last session has gone.
constexpr auto drain_poll_interval = milliseconds(50);

/// For thousands of held clients to be told that the proxy leaves.
constexpr auto final_error_timeout = seconds(5);

/// Certificates' files may have changed; Kubernetes takes a minute to bring a new Secret to its
/// mounts.
constexpr auto housekeeping_interval = seconds(5);

asio::awaitable<void> run_session(std::unique_ptr<session> served, bool is_full) {
    co_await served->run(is_full);
}

} // namespace

app::app(const proxy_config& config, sd_notifier& notifier)
    : config_(config),
      notifier_(notifier),
      max_clients_(config.max_clients.value_or(max_sessions())),
      global_queue_limit_{.capacity = config.max_waiting},
      context_{
          .routes = router(config.routes),
          .clusters = {},
          .cancels = cancel_service(config.cancel),
          .logins = login_limiter(config.cancel.secrets.get()),
          .source_limit = per_source_limit(
              config.max_clients_per_source,
              std::min(per_source_limit::most_waiting, max_sessions() / 8) // one descriptor each
          ),
          .clients = std::vector<setup_thread_clients>(config.threads),
      },
      files_(listeners_, backends_tls_, context_.clusters),
      signals_(control_, SIGTERM, SIGINT),
      reload_(control_, notifier_, [this](log::event& reloaded) { files_.reload_all(reloaded); }),
      watchdog_(control_, notifier_),
      drain_timer_(control_),
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
    context_.count_cancel = [this](std::string_view outcome, std::string_view reason) {
        metrics_.cancelled(outcome, reason);
    };
    build_verifier_store();
    build_clusters();
    build_listeners();
    build_peer_acceptor();
    build_admin();
}

app::~app() {
    // The threads that post to the control context; then what they posted for.
    admin_.reset();
    for (auto& one : workers_) {
        one->stop();
    }
    acceptors_.clear();
    peer_acceptor_.reset();
    // Continuations of sessions may still be queued here; the keepers take them in, and let go of
    // them before the workers go whose sockets they have.
    control_.restart();
    control_.poll();
    reporter_.reset();
    for (auto& [name, one] : context_.clusters) {
        one->gate->abandon();
        if (one->verifiers) {
            one->verifiers->abandon();
        }
    }
    // The other sessions are on their fronts: what they give back goes to keepers that are there.
    workers_.clear();
}

void app::build_verifier_store() {
    std::set<std::string> clusters_with_query;
    for (const auto& one : config_.clusters) {
        if (one.verifiers && one.verifiers->query) {
            clusters_with_query.insert(one.settings.name);
        }
    }
    if (!clusters_with_query.empty()) {
        verifiers_ = std::make_unique<verifier_store>(config_.verifier_cache, clusters_with_query);
    }
}

void app::build_clusters() {
    std::vector<reported_cluster> reported;
    for (const auto& one : config_.clusters) {
        auto made =
            std::make_unique<cluster>(one.settings, cluster_traffic(config_.threads), nullptr);
        if (one.backend_tls.uses_tls()) {
            backends_tls_.push_back(
                std::make_shared<tls::backend_tls>(one.settings.name, one.backend_tls)
            );
            made->settings.endpoint.tls = backends_tls_.back();
        }
        add_endpoints(*made, context_.routes); // with all settings made
        made->gate = std::make_unique<gate_service>(
            control_,
            one.settings.name,
            one.gate,
            one.probe,
            global_queue_limit_,
            made->traffic,
            *this
        );
        if (one.verifiers) {
            made->verifiers = std::make_unique<verifier_refresher>(
                control_, one.settings.name, *one.verifiers, verifiers_.get()
            );
        }
        reported.push_back({.gate = made->gate.get(), .idle_counts = one.settings.idle_counts});
        context_.clusters.emplace(one.settings.name, std::move(made));
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
        auto made = std::make_unique<listener>();
        made->name = entry.name;
        made->proxy_protocol = entry.proxy_protocol;
        made->roles = role_map(entry.client_roles);
        made->tls_passthrough = entry.tls.mode == tls::listener_mode::passthrough;
        made->broadcast_cancels = entry.broadcast_cancels;
        if (entry.tls.terminates()) {
            made->tls = std::make_unique<tls::listener_tls>(entry.name, entry.tls);
        }
        const auto& owner = *listeners_.emplace_back(std::move(made));
        acceptors_.push_back(std::make_unique<acceptor>(
            workers_[acceptors_.size() % workers_.size()]->front(),
            "listeners." + entry.name + ".address",
            entry.address,
            entry.tcp,
            workers_,
            [this, &owner](asio::ip::tcp::socket client, worker& home) {
                const bool full = is_full(); // without this one
                auto served = std::make_unique<session>(std::move(client), owner, home, context_);
                spawn(home.front(), run_session(std::move(served), full));
            }
        ));
    }
}

/// Open to the very end: sessions that a draining proxy still has may be cancelled at its peers.
void app::build_peer_acceptor() {
    if (!config_.cancel.listen) {
        return;
    }
    peer_acceptor_ = std::make_unique<acceptor>(
        workers_.front()->front(),
        "cancel.listen",
        *config_.cancel.listen,
        tcp_timeouts(),
        workers_,
        [this](asio::ip::tcp::socket peer, worker& home) {
            spawn(home.front(), serve_peer(context_, std::move(peer)));
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
        .draining = draining_,
    };
    auto pages = admin_pages(sources);
    status_pages_ = std::make_unique<status_pages>(status_sources{
        .control = control_,
        .workers = workers_,
        .sessions = context_,
        .reports = *reporter_,
        .draining = draining_,
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
    for (const auto& [name, one] : context_.clusters) {
        if (one->verifiers) {
            one->verifiers->start();
        }
    }
    schedule_housekeeping();
    wait_for_signal();
    notifier_.ready(fmt::format("{} clusters", context_.clusters.size()));
    control_.run();
    log::info("proxy_stopped");
}

void app::probe_clusters() {
    std::vector<gate_service*> keepers;
    for (const auto& [name, one] : context_.clusters) {
        keepers.push_back(one->gate.get());
    }
    probe_all(control_, std::move(keepers));
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

void app::wait_for_signal() {
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

void app::drain() {
    draining_ = true;
    log::info("proxy_draining").with("timeout_ms", config_.drain_timeout.count());
    notifier_.stopping("draining", config_.drain_timeout + last_words_timeout + seconds(5));
    for (auto& one : acceptors_) {
        one->stop();
    }
    for (auto& [name, one] : context_.clusters) {
        one->gate->drain();
    }
    for (auto& one : workers_) {
        one->relay().drain();
    }
    finish_when_empty(clock::now() + config_.drain_timeout);
}

void app::finish_when_empty(time_point deadline) {
    const auto left = sessions();
    if (left == 0 || clock::now() >= deadline) {
        log::info("proxy_drained").with("sessions_left", left);
        finish();
        return;
    }
    drain_timer_.expires_after(drain_poll_interval);
    drain_timer_.async_wait([this, deadline](boost::system::error_code stopped) {
        if (!stopped) {
            finish_when_empty(deadline);
        }
    });
}

void app::finish() {
    if (std::exchange(finishing_, true)) {
        return;
    }
    reporter_->leave();
    refuse_until_told(clock::now() + final_error_timeout);
}

/// Again at each look: who was dialling comes back to the gate.
void app::refuse_until_told(time_point deadline) {
    for (auto& [name, one] : context_.clusters) {
        one->gate->refuse_all(gate_error::draining);
    }
    // The last words, to clients and scalers, are on their way to other threads by now.
    drain_timer_.expires_after(drain_poll_interval * 2);
    drain_timer_.async_wait([this, deadline](boost::system::error_code) {
        if (untold() == 0 || clock::now() >= deadline) {
            control_.stop();
        } else {
            refuse_until_told(deadline);
        }
    });
}

std::size_t app::sessions() const {
    std::size_t all = 0;
    for (const auto& one : workers_) {
        all += one->load();
    }
    return all;
}

std::size_t app::untold() const {
    std::size_t logged_in = 0;
    for (const auto& [name, one] : context_.clusters) {
        const auto traffic = one->traffic.sum();
        logged_in += traffic.busy + traffic.idle;
    }
    const auto all = sessions();
    return all - std::min(all, logged_in);
}

bool app::is_full() const {
    const auto all = sessions();
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
        for (auto& one : workers_) {
            one->relay().suspect(found->second.get());
        }
    }
}

} // namespace wakegate::proxy
