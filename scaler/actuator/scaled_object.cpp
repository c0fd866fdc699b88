#include "scaler/actuator/scaled_object.hpp"

#include "common/log.hpp"
#include "scaler/actuator/retry_delay.hpp"

#include <boost/asio/experimental/awaitable_operators.hpp>

#include <prometheus/counter.h>
#include <prometheus/gauge.h>

#include <algorithm>
#include <optional>
#include <string_view>

namespace wakegate::actuator {
namespace {

scaler_client::ref ref_to(const scaled_object_settings& settings) {
    scaler_client::ref ref;
    ref.set_name(settings.name);
    ref.set_namespace_(settings.name_space);
    ref.mutable_scalermetadata()->insert(settings.metadata.begin(), settings.metadata.end());
    return ref;
}

} // namespace

scaled_object::scaled_object(
    const boost::asio::any_io_executor& executor,
    const scaled_object_settings& settings,
    const retry_settings& retries,
    scaler_client& scaler,
    metrics& counted
)
    : settings_(settings),
      retries_(retries),
      scaler_(scaler),
      metrics_(counted.of_object(settings.name)),
      hooks_(executor, settings, counted),
      turns_(executor),
      ref_(ref_to(settings)) {}

boost::asio::awaitable<void> scaled_object::run() {
    using namespace boost::asio::experimental::awaitable_operators;
    target_.created = clock::now();
    co_await look();
    if (!co_await reconcile()) {
        co_return;
    }
    co_await (poll_for_ever() && follow_activity() && follow_metric_spec());
}

void scaled_object::stop() {
    pauses_.end();
}

void scaled_object::kill_hook() {
    hooks_.kill_now();
}

boost::asio::awaitable<bool> scaled_object::reconcile() {
    retry_delay delay(retries_.reconcile_first, retries_.reconcile_highest);
    std::optional<grpc::StatusCode> reported;
    while (!pauses_.ended()) {
        const auto metric = co_await scaler_.metric_of(ref_);
        if (!metric.name.empty()) {
            reconciled_ = true;
            log::info("reconciled")
                .with("scaled_object", settings_.name)
                .with("metric", metric.name)
                .with("replicas", target_.replicas);
            co_return true;
        }
        if (!pauses_.ended() && metric.code != reported) {
            reported = metric.code;
            report_unreconciled(metric);
        }
        const auto retry_at = clock::now() + delay.next();
        if (!co_await pauses_.until(retry_at)) {
            break;
        }
    }
    co_return false;
}

void scaled_object::report_unreconciled(const metric_answer& metric) const {
    const std::string_view remedy =
        metric.code == grpc::StatusCode::INVALID_ARGUMENT
            ? "correct the object's metadata"
            : "tried again until a scaler answers; nothing wakes before";
    log::warning("reconcile_failed")
        .with("scaled_object", settings_.name)
        .with("reason", metric.error)
        .with("remedy", remedy);
}

boost::asio::awaitable<void> scaled_object::poll_for_ever() {
    auto next_start = clock::now();
    while (co_await pauses_.until(next_start)) {
        // Start to start: a poll or hook that overran is followed by the next one at once.
        next_start = clock::now() + settings_.polling_interval;
        co_await poll();
    }
}

boost::asio::awaitable<void> scaled_object::poll() {
    // Held while asking, as in KEDA, so that an answer is never applied over a newer push.
    const auto turn = co_await turns_.enter();
    const auto answer = co_await scaler_.poll(ref_);
    if (pauses_.ended()) {
        co_return;
    }
    const bool failed = !answer.error.empty();
    if (failed) {
        metrics_.poll_failures.Increment();
        log::warning("poll_failed")
            .with("scaled_object", settings_.name)
            .with("reason", answer.error)
            .with("replicas", target_.replicas);
    } else {
        active_ = answer.active;
    }
    const activity seen{.active = answer.active, .error = failed};
    co_await apply(seen);
}

boost::asio::awaitable<void> scaled_object::follow_activity() {
    retry_delay delay(retries_.stream_first, retries_.stream_highest);
    while (!pauses_.ended()) {
        const auto status = co_await read_activity();
        if (pauses_.ended()) {
            co_return;
        }
        if (status.ok()) {
            delay.reset();
        }
        const auto pause = delay.next();
        log::warning("stream_ended")
            .with("scaled_object", settings_.name)
            .with("code", static_cast<int>(status.error_code()))
            .with("reason", status.error_message())
            .with("retry_ms", pause.count());
        const auto retry_at = clock::now() + pause;
        if (!co_await pauses_.until(retry_at)) {
            co_return;
        }
    }
}

boost::asio::awaitable<grpc::Status> scaled_object::read_activity() {
    const auto opened = scaler_.stream_is_active(ref_);
    stream_over_ = opened.over;
    const auto* message = co_await opened.stream->next();
    while (message != nullptr) {
        co_await receive(message->result());
        message = co_await opened.stream->next();
    }
    stream_over_ = nullptr;
    co_return opened.stream->status();
}

boost::asio::awaitable<void> scaled_object::receive(bool active) {
    // KEDA >= 2.18 ignores `false`: only a poll scales in.
    if (!active || pauses_.ended()) {
        co_return;
    }
    log::info("activation_received").with("scaled_object", settings_.name);
    push_waiting_ = true;
    const auto turn = co_await turns_.enter();
    push_waiting_ = false;
    active_ = true;
    const activity seen{.active = true, .error = false};
    co_await apply(seen);
}

boost::asio::awaitable<void> scaled_object::follow_metric_spec() {
    retry_delay delay(retries_.stream_first, retries_.stream_highest);
    while (!pauses_.ended()) {
        const auto status = co_await read_metric_spec();
        if (status.error_code() == grpc::StatusCode::UNIMPLEMENTED) {
            co_return; // what our scaler answers: for good
        }
        if (status.ok()) {
            delay.reset();
        }
        const auto retry_at = clock::now() + delay.next();
        if (!co_await pauses_.until(retry_at)) {
            co_return;
        }
    }
}

boost::asio::awaitable<grpc::Status> scaled_object::read_metric_spec() {
    const auto opened = scaler_.stream_metric_spec(ref_);
    const auto* message = co_await opened.stream->next();
    while (message != nullptr) {
        // New targets matter to an HPA, and there is none.
        message = co_await opened.stream->next();
    }
    co_return opened.stream->status();
}

boost::asio::awaitable<void> scaled_object::apply(activity seen) {
    if (pauses_.ended()) {
        co_return;
    }
    if (seen.active && may_run()) {
        // KEDA reads the scale each time. What is known to sleep is started without a look.
        co_await look();
    }
    if (pauses_.ended()) {
        co_return;
    }
    const auto verdict = decide(settings_.policy, target_, seen, clock::now());
    if (verdict.scale_to) {
        co_await scale(*verdict.scale_to, seen.active);
    }
    const bool was_wanted = verdict.scale_to && seen.active && may_run();
    if (verdict.refresh_last_active || was_wanted) {
        target_.last_active = clock::now();
    }
}

boost::asio::awaitable<void> scaled_object::scale(std::uint32_t wanted, bool active) {
    const auto before = target_.replicas;
    // Equal only in doubt.
    const bool up = wanted > before || (wanted == before && active);
    auto running = up ? hooks_.start(before, wanted) : hooks_.stop(before, wanted);
    const bool done = co_await std::move(running);
    if (!done) {
        // The next poll or push tries again, from what is true by then.
        target_.in_doubt = true;
        co_await look();
        co_return;
    }
    target_.replicas = wanted;
    target_.in_doubt = false;
    log::info("scaled")
        .with("scaled_object", settings_.name)
        .with("from", before)
        .with("to", wanted);
    if (active) {
        metrics_.activations.Increment();
    }
}

boost::asio::awaitable<void> scaled_object::look() {
    if (settings_.hooks.status.empty() || pauses_.ended()) {
        co_return;
    }
    const auto running = co_await hooks_.running();
    if (pauses_.ended()) {
        co_return; // it may have been killed
    }
    target_.in_doubt = !running.has_value();
    if (running) {
        learn(*running);
    }
}

void scaled_object::learn(bool running) {
    const auto before = target_.replicas;
    if (running && before == 0) {
        target_.replicas = std::max<std::uint32_t>(settings_.policy.min_replicas, 1);
        log::info("found_running")
            .with("scaled_object", settings_.name)
            .with("replicas", target_.replicas);
    }
    if (!running && before > 0) {
        target_.replicas = 0;
        log::warning("found_stopped")
            .with("scaled_object", settings_.name)
            .with("replicas", before)
            .with(
                "remedy",
                "activity starts it; unless a hook failed just now, find out who stopped it"
            );
    }
}

bool scaled_object::may_run() const noexcept {
    return target_.replicas > 0 || target_.in_doubt;
}

bool scaled_object::stream_connected() const {
    return stream_over_ != nullptr && stream_over_->ready();
}

object_status scaled_object::status(time_point now) const {
    object_status result;
    result.name_space = settings_.name_space;
    result.replicas = target_.replicas;
    result.in_doubt = target_.in_doubt;
    result.active = active_;
    if (target_.last_active) {
        result.last_active_age =
            std::chrono::duration_cast<milliseconds>(now - *target_.last_active);
    }
    result.reconciled = reconciled_;
    result.stream_connected = stream_connected();
    result.push_waiting = push_waiting_;
    result.hook = hooks_.current();
    result.last_hook_failure = hooks_.last_failure();
    return result;
}

void scaled_object::count() {
    metrics_.replicas.Set(target_.replicas);
    metrics_.stream_connected.Set(stream_connected() ? 1 : 0);
}

} // namespace wakegate::actuator
