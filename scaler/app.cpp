#include "scaler/app.hpp"

#include "common/admin_http.hpp"
#include "common/log.hpp"
#include "common/program.hpp"
#include "common/signals.hpp"
#include "scaler/event_log.hpp"
#include "scaler/grpc_server.hpp"
#include "scaler/metrics.hpp"
#include "scaler/order_endpoint.hpp"
#include "scaler/state/demand_board.hpp"
#include "scaler/state/order_request.hpp"
#include "scaler/status_json.hpp"
#include "scaler/status_text.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>

#include <csignal>
#include <optional>
#include <string>
#include <thread>

namespace asio = boost::asio;

namespace wakegate::scaler {
namespace {

/// Short enough: repeated pushes and lapses are seconds apart, and first pushes do not wait for it.
constexpr milliseconds tick_interval{200};

/// The parts, and the main thread: signals, the tick and the admin pages. gRPC has its own threads,
/// which share the board, the event log and the metrics with it.
class app {
public:
    app(const config& settings, sd_notifier& notifier)
        : settings_(settings),
          notifier_(notifier),
          event_log_(metrics_),
          board_(settings.board, clock::now()),
          signals_(context_, SIGTERM, SIGINT),
          reload_(context_, notifier_, [](log::event&) {}),
          watchdog_(context_, notifier_),
          tick_(context_),
          server_(settings.listen, board_, event_log_, settings.board.activity_window) {
        if (settings.admin) {
            orders_.emplace(board_, event_log_, settings.admin->token_file);
            admin_.emplace(context_, settings.admin->address, pages(), actions());
        }
    }

    void run() {
        announce();
        schedule_tick();
        signals_.async_wait([this](const boost::system::error_code& error, int number) {
            if (!error) {
                begin_drain(number);
            }
        });
        context_.run();
        drain_.join();
        log::info("scaler_stopped");
    }

private:
    void announce() {
        const host_port listening{.host = settings_.listen.host, .port = server_.port()};
        auto event = log::info("scaler_listening");
        event.with("address", to_string(listening)).with("version", version());
        if (settings_.admin) {
            event.with("admin", to_string(settings_.admin->address));
        }
        notifier_.ready("listening on " + to_string(listening));
    }

    void schedule_tick() {
        tick_.expires_after(tick_interval);
        tick_.async_wait([this](const boost::system::error_code& error) {
            if (!error) {
                event_log_.record(board_.tick(clock::now()));
                schedule_tick();
            }
        });
    }

    /// The admin pages are still served, so that /readyz answers 503.
    void begin_drain(int number) {
        log::info("scaler_draining").with("signal", number);
        notifier_.stopping("draining", settings_.drain_timeout + seconds(5));
        signals_.clear(); // the next one has its default effect
        drain_ = std::jthread([this] {
            server_.drain(settings_.drain_timeout);
            asio::post(context_, [this] { context_.stop(); });
        });
    }

    admin_http::pages pages() {
        return {
            {"/metrics",
             [this] {
                 return admin_response{
                     .status = 200,
                     .body = metrics_.page(board_.status(clock::now()), log::dropped_lines()),
                     .content_type = "text/plain; version=0.0.4; charset=utf-8"
                 };
             }},
            {"/healthz", [] { return admin_response{.status = 200, .body = "ok\n"}; }},
            {"/readyz", [this] { return readiness(); }},
            {"/status",
             [this] {
                 const auto now = clock::now();
                 return admin_response{.status = 200, .body = status_text(board_.status(now), now)};
             }},
            {"/status.json",
             [this] {
                 const auto now = clock::now();
                 return admin_response{
                     .status = 200,
                     .body = status_json(board_.status(now), now),
                     .content_type = "application/json"
                 };
             }},
        };
    }

    admin_http::actions actions() {
        return {
            {std::string(orders_prefix),
             [this](const admin_request& request) { return orders_->answer(request, clock::now()); }
            },
        };
    }

    admin_response readiness() const {
        if (server_.is_serving()) {
            return {.status = 200, .body = "ready\n"};
        }
        return {.status = 503, .body = "draining\n"};
    }

    config settings_;
    sd_notifier& notifier_;
    metrics metrics_;
    event_log event_log_;
    demand_board board_;
    asio::io_context context_{1};
    asio::signal_set signals_;
    reload_signal reload_; ///< there is no file to reread yet
    watchdog_timer watchdog_;
    asio::steady_timer tick_;
    grpc_server server_;
    std::optional<order_endpoint> orders_;
    std::optional<admin_http> admin_;
    std::jthread drain_; ///< last member: joined before any other is destroyed
};

} // namespace

int run(const config& settings, sd_notifier& notifier) {
    app scaler(settings, notifier);
    scaler.run();
    return 0;
}

} // namespace wakegate::scaler
