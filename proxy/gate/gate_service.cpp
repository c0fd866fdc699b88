#include "proxy/gate/gate_service.hpp"

#include "common/log.hpp"
#include "proxy/gate/hold_log.hpp"

#include <boost/asio/append.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <utility>

namespace wakegate::proxy {

namespace asio = boost::asio;

gate_service::gate_service(
    asio::io_context& control,
    std::string name,
    const gate_settings& settings,
    probe_settings probing,
    global_queue_limit& queue_limit,
    cluster_traffic& traffic,
    gate_observer& observer
)
    : control_(control),
      name_(std::move(name)),
      gate_(settings, queue_limit),
      prober_(
          control,
          name_,
          std::move(probing),
          [this](const probe_result& result) { on_probe_result(result); }
      ),
      traffic_(traffic),
      observer_(observer),
      timer_(control),
      waiters_(name_) {}

/// Reclaim credits first: the gate has to know how many became sessions.
template <typename Input> void gate_service::apply(Input&& input) {
    gate_.reclaim(credits_.close());
    const auto now = clock::now();
    std::forward<Input>(input)(now);
    apply_decisions(now);
}

template <typename Input> void gate_service::post(Input input) {
    asio::post(control_, [this, input] { apply(input); });
}

struct gate_service::begin_wait {
    template <typename Handler>
    void operator()(
        Handler&& handler,
        gate_service* service,
        const gate_request& request,
        const session_identity* client
    ) const {
        using reply_handler = asio::any_completion_handler<void(admission)>;
        asio::post(
            service->control_,
            [=, reply = reply_handler(std::forward<Handler>(handler))]() mutable {
                service->apply([&](time_point now) {
                    const bool defers = service->gate_.defers(request);
                    service->waiters_.add(
                        request.id, {std::move(reply), client, now, request.connection, defers}
                    );
                    if (!defers) {
                        service->last_demand_ = now;
                    }
                    service->gate_.submit(request, now);
                    service->waiters_.note_held(
                        service->gate_,
                        request.id,
                        [service](connection_kind kind) { return service->cause_of(kind); }
                    );
                });
            }
        );
    }
};

asio::awaitable<admission>
gate_service::wait(const gate_request& request, const session_identity* client) {
    return asio::async_initiate<const asio::use_awaitable_t<>&, void(admission)>(
        begin_wait(), asio::use_awaitable, this, request, client
    );
}

asio::awaitable<admission> gate_service::enter(
    ticket id, time_point deadline, connection_kind kind, const session_identity* client
) {
    return wait({entry_kind::enter, id, deadline, kind}, client);
}

asio::awaitable<admission> gate_service::enter_if_ready(
    ticket id, time_point deadline, connection_kind kind, const session_identity* client
) {
    return wait({entry_kind::enter_if_ready, id, deadline, kind}, client);
}

asio::awaitable<admission> gate_service::requeue(
    ticket id, time_point deadline, connection_kind kind, const session_identity* client
) {
    return wait({entry_kind::requeue, id, deadline, kind}, client);
}

void gate_service::leave(ticket id) {
    post([this, id](time_point now) { gate_.leave(id, now); });
}

bool gate_service::try_acquire() {
    if (!credits_.try_acquire()) {
        return false;
    }
    const auto now = clock::now().time_since_epoch().count();
    const auto before = last_admission_by_credits_.exchange(now, std::memory_order_relaxed);
    if (duration(now - before) >= traffic_counters::edge_silence) {
        traffic_resumed();
    }
    return true;
}

void gate_service::logged_in(ticket id) {
    post([this, id](time_point now) { gate_.logged_in(id, now); });
}

void gate_service::login_is_slow(ticket id) {
    post([this, id](time_point now) { gate_.login_is_slow(id, now); });
}

void gate_service::closed(ticket id) {
    post([this, id](time_point now) { gate_.closed(id, now); });
}

void gate_service::release(credits released) {
    if (!credits_.release(released)) {
        post([this, released](time_point now) { gate_.release(released, now); });
    }
}

void gate_service::track(ticket id) {
    asio::post(control_, [this, id] { gate_.track(id); });
}

struct gate_service::begin_probe {
    template <typename Handler> void operator()(Handler&& handler, gate_service* service) const {
        asio::post(
            service->control_,
            [service, reply = cluster_prober::waiter(std::forward<Handler>(handler))]() mutable {
                service->apply([&](time_point now) {
                    service->prober_.add_waiter(std::move(reply));
                    service->gate_.request_probe(now);
                });
            }
        );
    }
};

asio::awaitable<bool> gate_service::probe_now() {
    return asio::async_initiate<const asio::use_awaitable_t<>&, void(bool)>(
        begin_probe(), asio::use_awaitable, this
    );
}

void gate_service::server_ended_session() {
    if (!suspicion_posted_.exchange(true)) {
        post([this](time_point now) {
            suspicion_posted_ = false;
            gate_.server_ended_session(now);
        });
    }
}

void gate_service::traffic_resumed() {
    asio::post(control_, [this] { observer_.demand_changed(*this, true); });
}

void gate_service::set_channel(wake_channel channel) {
    channel_ = channel;
    publish_causes();
}

void gate_service::drain() {
    apply([this](time_point) { gate_.drain(); });
}

void gate_service::refuse_all(gate_error error) {
    apply([this, error](time_point now) { gate_.refuse_all(error, now); });
}

gate_demand gate_service::demand() const {
    const duration since_epoch(last_admission_by_credits_.load(std::memory_order_relaxed));
    std::optional<time_point> by_credits;
    if (since_epoch != duration::zero()) {
        by_credits.emplace(since_epoch);
    }
    const auto traffic = traffic_.sum();
    return {
        .state = gate_.state(),
        .waking = gate_.waking(),
        // The gate counts unused credits as logins.
        .held = gate_.held() - credits_.left().logins + traffic.logins,
        .busy = traffic.busy,
        .idle = traffic.idle,
        .last_activity = std::max({traffic.last_activity, last_demand_, by_credits}),
    };
}

/// After each input.
void gate_service::apply_decisions(time_point now) {
    publish_causes();
    report_transition(now);
    answer_waiters(now);
    report_held();
    start_probe_if_due(now);
    arm_timer();
    credits_.open(gate_.grant_credits());
}

void gate_service::answer_waiters(time_point now) {
    for (auto& decision : gate_.take_decisions()) {
        auto& [outcome, refusal] = decision.result;
        if (outcome == wait_outcome::refused && refusal.error == gate_error::hold_timeout) {
            refusal.error = timeout_error(with_channel(hold_cause::waking, channel_));
        }
        auto waiter = waiters_.take(decision.id);
        if (!waiter) {
            continue;
        }
        if (!waiter->defers) {
            last_demand_ = now;
        }
        report_outcome(decision, *waiter, now - waiter->since);
        asio::dispatch(asio::append(std::move(waiter->reply), decision.result));
    }
}

void gate_service::report_outcome(
    const gate_decision& decision, const gate_waiter& waiter, duration waited
) {
    const auto& [outcome, refusal] = decision.result;
    if (outcome == wait_outcome::refused) {
        observer_.session_refused(*this, refusal.error);
        return;
    }
    if (!waiter.was_held) {
        return;
    }
    const auto session = waiters_.log_fields(decision.id, waiter);
    if (outcome == wait_outcome::cancelled) {
        log_left(session, waited);
    } else {
        observer_.session_released(*this, waited);
        log_released(session, waited);
    }
}

hold_cause gate_service::cause_of(connection_kind kind) const noexcept {
    return with_channel(gate_.cause_of_hold(kind), channel_);
}

void gate_service::publish_causes() noexcept {
    causes_.ordinary.store(cause_of(connection_kind::ordinary), std::memory_order_relaxed);
    causes_.reserved.store(cause_of(connection_kind::reserved), std::memory_order_relaxed);
}

void gate_service::report_transition(time_point now) {
    const auto state = gate_.state();
    if (state == last_state_) {
        return;
    }
    const auto before = std::exchange(last_state_, state);
    state_since_ = now;
    if (state == gate_state::unknown) {
        return; // wait for the probe's result
    }
    if (before == gate_state::unknown) {
        waiters_.note_all_held(gate_, [this](connection_kind kind) { return cause_of(kind); });
    }
    if (state == gate_state::ready && before == gate_state::waking) {
        const auto took = now - gate_.wake_started();
        log_ready(name_, took);
        if (!gate_.is_recheck()) {
            wakes_.note(took);
            observer_.cluster_woke(*this, took);
        }
    } else if (const auto waker = waiters_.first_waker(); waker && state == gate_state::waking) {
        log_waking(*waker);
    } else {
        log::info("cluster_" + std::string(to_string(state))).with("cluster", name_);
    }
    observer_.state_changed(*this, state);
    observer_.demand_changed(*this, true);
}

void gate_service::report_held() {
    const auto held = gate_.held();
    if (held != last_held_) {
        const bool appeared = last_held_ == 0;
        last_held_ = held;
        observer_.demand_changed(*this, appeared);
    }
}

void gate_service::start_probe_if_due(time_point now) {
    if (gate_.probe_due(now)) {
        gate_.probe_started(now);
        prober_.start();
    }
}

void gate_service::on_probe_result(const probe_result& result) {
    apply([&](time_point now) {
        if (result.ready) {
            std::optional<server_capacity> capacity;
            if (result.connection_limit) {
                capacity.emplace(*result.connection_limit, result.reserved_connections);
            }
            gate_.probe_answered(now, capacity);
        } else if (result.refused) {
            gate_.probe_refused(now);
        } else {
            gate_.probe_failed(now);
        }
    });
}

void gate_service::arm_timer() {
    const auto due = gate_.next_due();
    if (due == timer_.expiry()) {
        return;
    }
    timer_.expires_at(due);
    if (due == time_point::max()) {
        return;
    }
    timer_.async_wait([this](boost::system::error_code stopped) {
        if (!stopped) {
            apply([this](time_point now) { gate_.tick(now); });
        }
    });
}

} // namespace wakegate::proxy
