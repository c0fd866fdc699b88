#include "scaler/actuator/app.hpp"

#include "common/log.hpp"
#include "common/program.hpp"
#include "common/signals.hpp"
#include "scaler/actuator/admin_pages.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <csignal>
#include <cstddef>
#include <exception>
#include <memory>
#include <optional>

namespace wakegate::actuator {
namespace {

milliseconds longest_hook(const actuator_config& config) {
    milliseconds longest{0};
    for (const auto& settings : config.scaled_objects) {
        const auto& hooks = settings.hooks;
        const auto timeout =
            std::max({hooks.start_timeout, hooks.stop_timeout, hooks.status_timeout});
        longest = std::max(longest, timeout + hooks.kill_after);
    }
    return longest;
}

/// `run` runs the context; everything below happens on its thread.
class application {
public:
    application(const actuator_config& config, sd_notifier& notifier);

    void run();

private:
    void start_objects();
    void object_ended();
    void watch_signals();
    void stop();

    const actuator_config& config_;
    sd_notifier& notifier_;
    boost::asio::io_context context_{1};
    metrics metrics_;
    scaler_client client_;
    scaled_objects objects_;
    boost::asio::signal_set signals_;
    reload_signal reload_; ///< there is no file to reread yet
    watchdog_timer watchdog_;
    std::optional<admin_http> admin_;
    std::size_t running_objects_ = 0;
    bool stopping_ = false;
};

application::application(const actuator_config& config, sd_notifier& notifier)
    : config_(config),
      notifier_(notifier),
      client_(context_.get_executor(), config.scalers, config.reconnect_max),
      signals_(context_, SIGTERM, SIGINT),
      reload_(context_, notifier_, [](log::event&) {}),
      watchdog_(context_, notifier_) {
    for (const auto& settings : config.scaled_objects) {
        auto object = std::make_unique<scaled_object>(
            context_.get_executor(), settings, config.retries, client_, metrics_
        );
        objects_.push_back({settings.name, std::move(object)});
    }
    if (config.admin) {
        admin_.emplace(context_, *config.admin, admin_pages(metrics_, objects_, stopping_));
    }
}

void application::run() {
    watch_signals();
    start_objects();
    log::info("actuator_started")
        .with("version", version())
        .with("scaled_objects", objects_.size())
        .with("scalers", config_.scalers.size());
    notifier_.ready(fmt::format("{} scaled objects", objects_.size()));
    context_.run();
    log::info("actuator_stopped");
}

void application::start_objects() {
    for (const auto& entry : objects_) {
        ++running_objects_;
        const auto ended = [this](const std::exception_ptr& bug) {
            if (bug) {
                std::rethrow_exception(bug);
            }
            object_ended();
        };
        boost::asio::co_spawn(context_, entry.object->run(), ended);
    }
}

void application::object_ended() {
    --running_objects_;
    if (running_objects_ > 0) {
        return;
    }
    // Only signals and connections to the admin pages are left, which need no orderly end.
    context_.stop();
}

void application::watch_signals() {
    const auto on_signal = [this](const boost::system::error_code& error, int number) {
        if (error) {
            return;
        }
        log::info("actuator_stopping").with("signal", number).with("now", stopping_);
        if (stopping_) {
            for (const auto& entry : objects_) {
                entry.object->kill_hook();
            }
            return;
        }
        stop();
        watch_signals();
    };
    signals_.async_wait(on_signal);
}

void application::stop() {
    stopping_ = true;
    notifier_.stopping("waiting for running hooks", longest_hook(config_) + seconds(5));
    for (const auto& entry : objects_) {
        entry.object->stop();
    }
    client_.cancel_all();
}

} // namespace

int run_actuator(const actuator_config& config, sd_notifier& notifier) {
    application running(config, notifier);
    running.run();
    return 0;
}

} // namespace wakegate::actuator
