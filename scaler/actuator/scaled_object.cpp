#include "scaler/actuator/scaled_object.hpp"

#include "common/log.hpp"
#include "scaler/actuator/retry_delay.hpp"
#include "scaler/actuator/trigger_metadata.hpp"

#include <boost/asio/experimental/awaitable_operators.hpp>

#include <prometheus/counter.h>
#include <prometheus/gauge.h>

#include <optional>
#include <string_view>

namespace wakegate::actuator {
namespace {

scaler_client::ref ref_to(const scaled_object_settings& settings) {
    scaler_client::ref ref;
    ref.set_name(settings.name);
    ref.set_namespace_(settings.name_space);
    const auto metadata = metadata_to_send(settings);
    ref.mutable_scalermetadata()->insert(metadata.begin(), metadata.end());
    return ref;
}

/// The first poll after `allowed`, where polls are at `next` and every `interval` after it.
time_point first_poll_after(time_point allowed, time_point next, milliseconds interval) {
    if (next > allowed) {
        return next;
    }
    return next + ((allowed - next) / interval + 1) * interval;
}

} // namespace

scaled_object::scaled_object(
    const boost::asio::any_io_executor& executor,
    const scaled_object_settings& settings,
    const retry_settings& retries,
    scaler_client& scaler,
    metrics& registry
)
    : settings_(settings),
      retries_(retries),
      scaler_(scaler),
      metrics_(registry.of_object(settings.name)),
      target_(executor, settings, poll_sleep_, registry),
      mutex_(executor),
      ref_(ref_to(settings)),
      poll_report_(settings.name) {
    scaler_.on_connected([this] { scaler_connected(); });
}

boost::asio::awaitable<void> scaled_object::run() {
    using namespace boost::asio::experimental::awaitable_operators;
    target_.start_cooldown(clock::now());
    co_await target_.query_state();
    if (!co_await reconcile()) {
        co_return;
    }
    co_await (poll_loop() && follow_activity() && follow_metric_spec());
}

void scaled_object::stop() {
    poll_sleep_.end();
    retry_sleep_.end();
}

void scaled_object::kill_hook() {
    target_.kill_hook();
}

void scaled_object::scaler_connected() {
    retry_sleep_.wake_all();
    if (poll_report_.last_failed()) {
        poll_sleep_.wake_all();
    }
}

boost::asio::awaitable<bool> scaled_object::reconcile() {
    retry_delay delay(retries_.reconcile_first, retries_.reconcile_highest);
    while (!poll_sleep_.ended()) {
        const auto metric = co_await scaler_.metric_of(ref_);
        if (poll_sleep_.ended()) {
            break;
        }
        if (metric) {
            reconciled_ = true;
            log::info("reconciled")
                .with("scaled_object", settings_.name)
                .with("metric", *metric)
                .with("replicas", target_.state().replicas);
            co_return true;
        }
        poll_report_.record_failure("reconcile_failed", metric.error(), clock::now());
        const auto retry_at = clock::now() + delay.next();
        if (!co_await retry_sleep_.until(retry_at)) {
            break;
        }
    }
    co_return false;
}

boost::asio::awaitable<void> scaled_object::poll_loop() {
    // A local copy: passed by value in a co_await, a member is read from a wrong place by g++ 12.
    auto next_start = clock::now();
    while (co_await poll_sleep_.until(next_start)) {
        // Counted from start to start: after a poll or hook that overran, the next follows at once.
        next_start = clock::now() + settings_.polling_interval;
        next_poll_ = next_start;
        co_await poll();
    }
}

boost::asio::awaitable<void> scaled_object::poll() {
    // Held during the call, as in KEDA, so that an answer is never applied after a newer push.
    const auto guard = co_await mutex_.lock();
    const auto answer = co_await scaler_.poll(ref_);
    if (poll_sleep_.ended()) {
        co_return;
    }
    if (!answer) {
        metrics_.poll_failures.Increment();
        poll_report_.record_failure("poll_failed", answer.error(), clock::now());
    } else {
        poll_report_.record_answer(*answer, clock::now());
        active_ = *answer;
    }
    const activity seen{.active = answer && *answer, .error = answer.has_error()};
    co_await target_.apply(seen);
}

boost::asio::awaitable<void> scaled_object::follow_activity() {
    retry_delay delay(retries_.stream_first, retries_.stream_highest);
    while (!poll_sleep_.ended()) {
        const auto status = co_await read_activity();
        if (poll_sleep_.ended()) {
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
        stream_error_ = scaler_.error_of("StreamIsActive", status);
        if (!co_await back_off(delay, pause)) {
            co_return;
        }
    }
}

boost::asio::awaitable<bool> scaled_object::back_off(retry_delay& delay, milliseconds pause) {
    const auto retry_at = clock::now() + pause;
    const bool go_on = co_await retry_sleep_.until(retry_at);
    if (clock::now() < retry_at) {
        delay.reset(); // a scaler has connected
    }
    co_return go_on;
}

boost::asio::awaitable<grpc::Status> scaled_object::read_activity() {
    const auto opened = scaler_.stream_is_active(ref_);
    stream_channel_ = opened.channel;
    const auto* message = co_await opened.stream->next();
    while (message != nullptr) {
        co_await receive(message->result());
        message = co_await opened.stream->next();
    }
    stream_channel_ = nullptr;
    co_return opened.stream->status();
}

boost::asio::awaitable<void> scaled_object::receive(bool active) {
    // KEDA >= 2.18 ignores `false`: only a poll scales in.
    if (!active || poll_sleep_.ended()) {
        co_return;
    }
    log::info("activation_received").with("scaled_object", settings_.name);
    push_waiting_ = true;
    const auto guard = co_await mutex_.lock();
    push_waiting_ = false;
    active_ = true;
    const activity seen{.active = true, .error = false};
    co_await target_.apply(seen);
}

boost::asio::awaitable<void> scaled_object::follow_metric_spec() {
    retry_delay delay(retries_.stream_first, retries_.stream_highest);
    while (!poll_sleep_.ended()) {
        const auto status = co_await read_metric_spec();
        if (status.error_code() == grpc::StatusCode::UNIMPLEMENTED) {
            co_return; // our scaler's answer is final
        }
        if (status.ok()) {
            delay.reset();
        }
        const auto pause = delay.next();
        if (!co_await back_off(delay, pause)) {
            co_return;
        }
    }
}

boost::asio::awaitable<grpc::Status> scaled_object::read_metric_spec() {
    const auto opened = scaler_.stream_metric_spec(ref_);
    const auto* message = co_await opened.stream->next();
    while (message != nullptr) {
        // Ignored: only an HPA needs new targets, and there is none.
        message = co_await opened.stream->next();
    }
    co_return opened.stream->status();
}

bool scaled_object::stream_connected() const {
    return stream_channel_ != nullptr && stream_channel_->ready();
}

std::optional<milliseconds> scaled_object::stops_in(time_point now) const {
    const auto allowed = scale_in_allowed_from(settings_.policy, target_.state());
    if (!allowed || !reconciled_) {
        return std::nullopt;
    }
    const auto poll = first_poll_after(*allowed, next_poll_, settings_.polling_interval);
    return std::chrono::duration_cast<milliseconds>(poll - now);
}

object_status scaled_object::status(time_point now) const {
    const auto& target = target_.state();
    object_status result;
    result.name_space = settings_.name_space;
    result.replicas = target.replicas;
    result.state_unknown = target.state_unknown;
    result.active = active_;
    if (target.last_active) {
        result.last_active_age =
            std::chrono::duration_cast<milliseconds>(now - *target.last_active);
    }
    result.reconciled = reconciled_;
    result.last_poll = poll_report_.last();
    result.stops_in = stops_in(now);
    result.stream_connected = stream_connected();
    result.stream_error = stream_error_;
    result.push_waiting = push_waiting_;
    result.hook = target_.run_hooks().current();
    result.last_hook_failure = target_.run_hooks().last_failure();
    return result;
}

void scaled_object::update_gauges() {
    metrics_.replicas.Set(target_.state().replicas);
    metrics_.stream_connected.Set(stream_connected() ? 1 : 0);
}

} // namespace wakegate::actuator
