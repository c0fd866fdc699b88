#include "scaler/actuator/scaled_target.hpp"

#include "common/log.hpp"

#include <prometheus/counter.h>

#include <algorithm>
#include <utility>

namespace wakegate::actuator {

scaled_target::scaled_target(
    const boost::asio::any_io_executor& executor,
    const scaled_object_settings& settings,
    const cancellable_sleep& shutdown,
    metrics& registry
)
    : settings_(settings),
      shutdown_(shutdown),
      metrics_(registry.of_object(settings.name)),
      hooks_(executor, settings, registry) {}

void scaled_target::start_cooldown(time_point now) noexcept {
    state_.created = now;
}

void scaled_target::kill_hook() {
    hooks_.kill_now();
}

boost::asio::awaitable<void> scaled_target::apply(activity seen) {
    if (shutdown_.ended()) {
        co_return;
    }
    if (seen.active && may_run()) {
        // KEDA reads the scale each time. A target known to be stopped is started without a query.
        co_await query_state();
    }
    if (shutdown_.ended()) {
        co_return;
    }
    const auto decision = decide(settings_.policy, state_, seen, clock::now());
    if (decision.scale_to) {
        co_await scale(*decision.scale_to, seen.active);
    }
    const bool was_wanted = decision.scale_to && seen.active && may_run();
    if (decision.refresh_last_active || was_wanted) {
        state_.last_active = clock::now();
    }
}

boost::asio::awaitable<void> scaled_target::scale(std::uint32_t wanted, bool active) {
    const auto before = state_.replicas;
    // They are equal only while the state is unknown.
    const bool up = wanted > before || (wanted == before && active);
    auto running = up ? hooks_.start(before, wanted) : hooks_.stop(before, wanted);
    const bool done = co_await std::move(running);
    if (!done) {
        // The next poll or push tries again, from the state by then.
        state_.state_unknown = true;
        co_await query_state();
        co_return;
    }
    state_.replicas = wanted;
    state_.state_unknown = false;
    log::info("scaled")
        .with("scaled_object", settings_.name)
        .with("from", before)
        .with("to", wanted);
    if (active) {
        metrics_.activations.Increment();
    }
}

boost::asio::awaitable<void> scaled_target::query_state() {
    if (settings_.hooks.status.empty() || shutdown_.ended()) {
        co_return;
    }
    const auto running = co_await hooks_.query_status();
    if (shutdown_.ended()) {
        co_return; // it may have been killed
    }
    state_.state_unknown = !running.has_value();
    if (running) {
        set_running(*running);
    }
}

void scaled_target::set_running(bool running) {
    const auto before = state_.replicas;
    if (running && before == 0) {
        state_.replicas = std::max<std::uint32_t>(settings_.policy.min_replicas, 1);
        log::info("found_running")
            .with("scaled_object", settings_.name)
            .with("replicas", state_.replicas);
    }
    if (!running && before > 0) {
        state_.replicas = 0;
        log::warning("found_stopped")
            .with("scaled_object", settings_.name)
            .with("replicas", before)
            .with(
                "remedy",
                "activity starts it; unless a hook failed just now, find out who stopped it"
            );
    }
}

bool scaled_target::may_run() const noexcept {
    return state_.replicas > 0 || state_.state_unknown;
}

} // namespace wakegate::actuator
