#include "proxy/gate/gate_service.hpp"

#include "common/log.hpp"

#include <boost/asio/append.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <exception>
#include <utility>

namespace wakegate::proxy {

namespace asio = boost::asio;

gate_service::gate_service(
    asio::io_context& control,
    std::string name,
    const gate_settings& settings,
    probe_settings probing,
    global_queue_limit& room,
    cluster_traffic& traffic,
    gate_observer& observer
)
    : control_(control),
      name_(std::move(name)),
      gate_(settings, room),
      probing_(std::move(probing)),
      traffic_(traffic),
      observer_(observer),
      timer_(control) {}

struct gate_service::begin_wait {
    template <typename Handler>
    void operator()(
        Handler&& reply,
        gate_service* keeper,
        question ask,
        ticket id,
        time_point deadline,
        connection_kind kind,
        const session_identity* client
    ) const {
        asio::post(keeper->control_, [=, reply = answer(std::forward<Handler>(reply))]() mutable {
            const auto now = keeper->begin();
            const bool defers = ask == &gate::enter_if_ready || keeper->gate_.defers(id);
            keeper->waiters_.insert_or_assign(
                id, waiter{std::move(reply), client, now, kind, !defers}
            );
            if (!defers) {
                keeper->last_wanted_ = now;
            }
            (keeper->gate_.*ask)(id, now, deadline, kind);
            keeper->note_held(id, keeper->waiters_.at(id));
            keeper->settle(now);
        });
    }
};

asio::awaitable<admission> gate_service::wait(
    question ask,
    ticket id,
    time_point deadline,
    connection_kind kind,
    const session_identity* client
) {
    return asio::async_initiate<const asio::use_awaitable_t<>&, void(admission)>(
        begin_wait(), asio::use_awaitable, this, ask, id, deadline, kind, client
    );
}

asio::awaitable<admission> gate_service::enter(
    ticket id, time_point deadline, connection_kind kind, const session_identity* client
) {
    return wait(&gate::enter, id, deadline, kind, client);
}

asio::awaitable<admission> gate_service::enter_if_ready(
    ticket id, time_point deadline, connection_kind kind, const session_identity* client
) {
    return wait(&gate::enter_if_ready, id, deadline, kind, client);
}

asio::awaitable<admission> gate_service::requeue(
    ticket id, time_point deadline, connection_kind kind, const session_identity* client
) {
    return wait(&gate::requeue, id, deadline, kind, client);
}

template <typename Input> void gate_service::post_input(Input input) {
    asio::post(control_, [this, input] {
        const auto now = begin();
        input(now);
        settle(now);
    });
}

void gate_service::leave(ticket id) {
    post_input([this, id](time_point now) { gate_.leave(id, now); });
}

bool gate_service::try_acquire() {
    if (!credits_.try_acquire()) {
        return false;
    }
    const auto now = clock::now().time_since_epoch().count();
    const auto before = last_pass_.exchange(now, std::memory_order_relaxed);
    if (duration(now - before) >= traffic_counters::edge_silence) {
        traffic_resumed();
    }
    return true;
}

void gate_service::logged_in(ticket id) {
    post_input([this, id](time_point now) { gate_.logged_in(id, now); });
}

void gate_service::login_is_slow(ticket id) {
    post_input([this, id](time_point now) { gate_.login_is_slow(id, now); });
}

struct gate_service::begin_probe {
    template <typename Handler> void operator()(Handler&& reply, gate_service* keeper) const {
        using waiting = asio::any_completion_handler<void(bool)>;
        asio::post(
            keeper->control_,
            [keeper, reply = waiting(std::forward<Handler>(reply))]() mutable {
                const auto now = keeper->begin();
                keeper->probe_waiters_.push_back(std::move(reply));
                keeper->gate_.want_probe(now);
                keeper->settle(now);
            }
        );
    }
};

asio::awaitable<bool> gate_service::probe_now() {
    return asio::async_initiate<const asio::use_awaitable_t<>&, void(bool)>(
        begin_probe(), asio::use_awaitable, this
    );
}

void gate_service::closed(ticket id) {
    post_input([this, id](time_point now) { gate_.closed(id, now); });
}

void gate_service::release(credits what) {
    if (credits_.release(what)) {
        return;
    }
    asio::post(control_, [this, what] {
        const auto now = begin();
        gate_.release(what, now);
        settle(now);
    });
}

void gate_service::track(ticket id) {
    asio::post(control_, [this, id] { gate_.track(id); });
}

void gate_service::server_ended_session() {
    if (suspicion_posted_.exchange(true)) {
        return;
    }
    asio::post(control_, [this] {
        suspicion_posted_ = false;
        const auto now = begin();
        gate_.server_ended_session(now);
        settle(now);
    });
}

void gate_service::traffic_resumed() {
    asio::post(control_, [this] { observer_.demand_changed(*this, true); });
}

void gate_service::set_channel(wake_channel channel) {
    channel_ = channel;
    publish_causes();
}

void gate_service::drain() {
    const auto now = begin();
    gate_.drain();
    settle(now);
}

void gate_service::refuse_all(gate_error error) {
    const auto now = begin();
    gate_.refuse_all(error, now);
    settle(now);
}

gate_demand gate_service::demand() const {
    const duration since_epoch(last_pass_.load(std::memory_order_relaxed));
    const auto passed =
        since_epoch == duration::zero() ? std::nullopt : std::optional(time_point(since_epoch));
    const auto traffic = traffic_.sum();
    return {
        .state = gate_.state(),
        .waking = gate_.waking(),
        // What is still to be handed out is nobody's login.
        .held = gate_.held() - credits_.left().logins + traffic.logins,
        .busy = traffic.busy,
        .idle = traffic.idle,
        .last_activity = std::max({traffic.last_activity, last_wanted_, passed}),
    };
}

/// Before every input: the machine has to know how many are in.
time_point gate_service::begin() {
    gate_.reclaim(credits_.close());
    return clock::now();
}

/// After every input: whatever the machine decided is carried out, and it is asked when it wants to
/// be called next.
void gate_service::settle(time_point now) {
    publish_causes();
    note_transition(now);
    deliver(now);
    note_demand();
    start_probe_if_due(now);
    arm_timer();
    credits_.open(gate_.grant_credits());
}

void gate_service::deliver(time_point now) {
    for (auto& decision : gate_.take_decisions()) {
        if (decision.error == gate_error::hold_timeout) {
            decision.error = timeout_error(with_channel(hold_cause::waking, channel_));
        }
        auto found = waiters_.extract(decision.id);
        if (found.empty()) {
            continue;
        }
        auto& waited = found.mapped();
        const auto held = now - waited.since;
        if (waited.wanted) {
            last_wanted_ = now;
        }
        tell_of(decision, waited, held);
        asio::dispatch(
            asio::append(std::move(waited.reply), admission{decision.error, decision.connections})
        );
    }
}

void gate_service::tell_of(const gate_decision& decision, const waiter& waited, duration held) {
    const bool hung_up = decision.error == gate_error::hung_up;
    if (decision.error && !hung_up) {
        observer_.session_refused(*this, *decision.error);
        return;
    }
    if (!waited.held) {
        return;
    }
    const session_log_fields session{name_, decision.id, waited.client};
    if (hung_up) {
        log_left(session, held);
    } else {
        observer_.session_released(*this, held);
        log_released(session, held);
    }
}

/// Not while a look is under way that may find the cluster awake.
void gate_service::note_held(ticket id, waiter& waiting) {
    if (waiting.held || gate_.is_unknown() || !gate_.holds(id)) {
        return;
    }
    waiting.held = true;
    log_held({name_, id, waiting.client}, cause_of(waiting.kind), gate_.waiting());
}

std::optional<session_log_fields> gate_service::first_waker() const {
    for (const auto& [id, waiting] : waiters_) {
        if (waiting.wanted) {
            return session_log_fields{name_, id, waiting.client};
        }
    }
    return std::nullopt;
}

hold_cause gate_service::cause_of(connection_kind kind) const noexcept {
    return with_channel(gate_.cause_of_hold(kind), channel_);
}

void gate_service::publish_causes() noexcept {
    causes_.ordinary.store(cause_of(connection_kind::ordinary), std::memory_order_relaxed);
    causes_.reserved.store(cause_of(connection_kind::reserved), std::memory_order_relaxed);
}

void gate_service::note_transition(time_point now) {
    const auto state = gate_.state();
    if (state == last_state_) {
        return;
    }
    const auto before = std::exchange(last_state_, state);
    state_since_ = now;
    if (state == gate_state::unknown) {
        return; // what the look finds is news
    }
    if (before == gate_state::unknown) {
        for (auto& [id, waiting] : waiters_) {
            note_held(id, waiting);
        }
    }
    if (state == gate_state::ready && before == gate_state::waking) {
        const auto took = now - gate_.wake_started();
        log_ready(name_, took);
        if (!gate_.is_recheck()) {
            wakes_.note(took);
            observer_.cluster_woke(*this, took);
        }
    } else if (const auto waker = first_waker(); waker && state == gate_state::waking) {
        log_waking(*waker);
    } else {
        log::info("cluster_" + std::string(to_string(state))).with("cluster", name_);
    }
    observer_.state_changed(*this, state);
    observer_.demand_changed(*this, true);
}

void gate_service::note_demand() {
    const auto held = gate_.held();
    if (held != last_held_) {
        const bool appeared = last_held_ == 0;
        last_held_ = held;
        observer_.demand_changed(*this, appeared);
    }
}

void gate_service::start_probe_if_due(time_point now) {
    if (!gate_.probe_due(now)) {
        return;
    }
    gate_.probe_started(now);
    asio::co_spawn(
        control_,
        probe(probing_),
        [this](const std::exception_ptr& failure, const probe_result& outcome) {
            probe_ended(failure ? probe_result{.reason = "out of resources"} : outcome);
        }
    );
}

void gate_service::probe_ended(const probe_result& outcome) {
    const auto now = begin();
    if (outcome.ready) {
        last_probe_failure_.clear();
        std::optional<server_capacity> capacity;
        if (outcome.connection_limit) {
            capacity.emplace(*outcome.connection_limit, outcome.reserved_connections);
        }
        gate_.probe_answered(now, capacity);
    } else {
        if (outcome.reason != last_probe_failure_) {
            last_probe_failure_ = outcome.reason;
            log::info("probe_failed").with("cluster", name_).with("reason", outcome.reason);
        }
        if (outcome.refused) {
            gate_.probe_refused(now);
        } else {
            gate_.probe_failed(now);
        }
    }
    const bool is_there = outcome.ready || outcome.refused;
    for (auto& reply : std::exchange(probe_waiters_, {})) {
        asio::dispatch(asio::append(std::move(reply), is_there));
    }
    settle(now);
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
        if (stopped) {
            return;
        }
        const auto now = begin();
        gate_.tick(now);
        settle(now);
    });
}

} // namespace wakegate::proxy
