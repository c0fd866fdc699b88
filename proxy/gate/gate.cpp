#include "proxy/gate/gate.hpp"

#include <utility>

namespace wakegate::proxy {
namespace {

/// One lost probe may be chance; two in a row while ready: the cluster is gone.
constexpr unsigned unready_threshold = 2;

/// A first probe without an answer for this long no longer delays the report that the cluster
/// wakes. Its result still counts.
constexpr auto max_initial_probe = milliseconds(250);

constexpr auto not_due = time_point::max();

} // namespace

gate::gate(const gate_settings& settings, global_queue_limit& queue_limit)
    : settings_(settings),
      queue_limit_(queue_limit),
      waiting_(queue_limit),
      slots_({settings.max_connections, settings.connection_headroom}, settings.release_batch),
      probes_(settings.probes()) {}

void gate::submit(const gate_request& request, time_point now) {
    switch (request.kind) {
    case entry_kind::enter:
        enter(request.id, now, request.deadline, request.connection);
        break;
    case entry_kind::enter_if_ready:
        enter_if_ready(request.id, now, request.deadline, request.connection);
        break;
    case entry_kind::requeue:
        requeue(request.id, now, request.deadline, request.connection);
        break;
    }
}

void gate::enter(ticket id, time_point now, time_point deadline, connection_kind kind) {
    if (const auto allowed = check_entry(kind); !allowed) {
        refuse(id, allowed.error(), kind);
        return;
    }
    wait(id, deadline, kind);
    if (is_asleep_or_unknown()) {
        request_wake(now);
    }
    admit_in_turn(now);
}

void gate::enter_if_ready(ticket id, time_point now, time_point deadline, connection_kind kind) {
    auto allowed = check_entry(kind);
    if (allowed && is_known_to_sleep(now)) {
        allowed = gate_error::may_not_wake;
    }
    if (!allowed) {
        refuse(id, allowed.error(), kind);
        return;
    }
    deferring_.insert(id);
    wait(id, deadline, kind);
    if (is_asleep_or_unknown()) {
        probes_.request(now);
    }
    admit_in_turn(now);
}

void gate::leave(ticket id, time_point now) {
    if (waiting_.contains(id)) {
        end_waiting(id, now);
        decisions_.push_back({id, {.outcome = wait_outcome::cancelled}});
    }
}

void gate::requeue(ticket id, time_point now, time_point deadline, connection_kind kind) {
    slots_.close(id);
    probes_.note_failure(now);
    if (deferring_.erase(id) > 0) {
        refuse(id, gate_error::may_not_wake, kind);
        if (cluster_ == cluster_state::ready) {
            become_unready(now);
        }
    } else {
        // Ignores the queue's limit: it was in the queue before all that wait there now.
        wait(id, deadline, kind);
        if (cluster_ != cluster_state::waking) {
            start_waking(now, probes_.next_recheck(now));
        }
        refuse_deferring(now);
    }
    tick(now);
}

void gate::logged_in(ticket id, time_point now) {
    deferring_.erase(id);
    if (slots_.end_login(id)) {
        probes_.end_recheck();
        tick(now);
    }
}

void gate::login_is_slow(ticket id, time_point now) {
    if (slots_.login_is_slow(id)) {
        tick(now);
    }
}

void gate::closed(ticket id, time_point now) {
    slots_.close(id);
    deferring_.erase(id);
    tick(now);
}

credits gate::grant_credits() noexcept {
    const bool grants = cluster_ == cluster_state::ready && !draining_ && waiting_.empty();
    return grants ? slots_.grant() : credits{};
}

void gate::release(credits released, time_point now) {
    slots_.reclaim(released);
    if (released.logins > 0) {
        probes_.end_recheck();
    }
    tick(now);
}

void gate::probe_started(time_point now) noexcept {
    // Clients that defer get one probe of a sleeping cluster; they do not wait for a wake.
    if (cluster_ == cluster_state::asleep) {
        probes_.started_once(now);
    } else {
        probes_.started(now, wake_started_);
    }
}

void gate::probe_answered(time_point now, std::optional<server_capacity> capacity) {
    if (capacity) {
        slots_.learn(*capacity);
    }
    cluster_ = cluster_state::ready;
    grace_ends_ = initial_probe_ends_ = not_due;
    stay_ready(now);
}

void gate::probe_refused(time_point now) {
    if (cluster_ == cluster_state::ready) {
        stay_ready(now);
    } else {
        probe_missed(now, hold_cause::unconfirmed);
    }
}

void gate::probe_missed(time_point now, hold_cause cause) {
    probes_.failed(now);
    if (cluster_ == cluster_state::unknown) {
        end_initial_probe(now);
    }
    last_miss_ = cause;
    if (cluster_ == cluster_state::ready) {
        ++failed_probes_;
        probes_.set_next(now + probe_schedule::min_recheck_backoff);
        if (failed_probes_ >= unready_threshold) {
            become_unready(now);
        }
    } else {
        is_recheck_ = false;
        probes_.end_recheck();
        refuse_deferring(now);
    }
    tick(now);
}

void gate::tick(time_point now) {
    refuse_overdue(now);
    if (now >= initial_probe_ends_) {
        end_initial_probe(now);
    }
    if (cluster_ == cluster_state::waking && now >= grace_ends_) {
        fall_asleep(now);
    }
    admit_in_turn(now);
}

time_point gate::next_due() const noexcept {
    const auto grace = cluster_ == cluster_state::waking ? grace_ends_ : not_due;
    return std::min({waiting_.next_deadline(), initial_probe_ends_, grace, probes_.next()});
}

void gate::refuse_all(gate_error error, time_point now) {
    for (const auto id : waiting_.tickets()) {
        expel(id, error, now);
    }
}

std::vector<gate_decision> gate::take_decisions() {
    return std::exchange(decisions_, {});
}

hold_cause gate::cause_of_hold(connection_kind kind) const noexcept {
    if (cluster_ != cluster_state::ready) {
        return probes_.is_rechecking() ? hold_cause::turned_away : last_miss_;
    }
    return slots_.is_full(kind) ? hold_cause::full : hold_cause::logins;
}

/// Whether a client of this kind may enter now.
boost::system::result<void, gate_error> gate::check_entry(connection_kind kind) const noexcept {
    if (draining_) {
        return gate_error::draining;
    }
    const bool is_ready = cluster_ == cluster_state::ready;
    if (settings_.refuse_when_full && is_ready && slots_.is_full(kind)) {
        return gate_error::full;
    }
    const bool is_first = !waiting_.first(kind);
    const bool served_at_once = is_ready && is_first && slots_.has_free(kind);
    const bool queue_full = waiting_.size() >= settings_.max_waiting || queue_limit_.is_full();
    if (queue_full && !served_at_once) {
        return gate_error::queue_full;
    }
    return {};
}

/// By the last probe's result: many clients that defer cost no more than one.
bool gate::is_known_to_sleep(time_point now) const noexcept {
    return cluster_ != cluster_state::ready && probes_.has_just_failed(now);
}

bool gate::is_asleep_or_unknown() const noexcept {
    return cluster_ == cluster_state::asleep || cluster_ == cluster_state::unknown;
}

void gate::wait(ticket id, time_point deadline, connection_kind kind) {
    waiting_.add(id, deadline, kind);
    if (!deferring_.contains(id)) {
        ++wakers_;
        grace_ends_ = not_due;
    }
}

/// Without admission.
void gate::end_waiting(ticket id, time_point now) {
    waiting_.remove(id);
    if (deferring_.erase(id) == 0) {
        --wakers_;
        if (wakers_ == 0 && cluster_ != cluster_state::ready) {
            grace_ends_ = now + settings_.wake_grace;
        }
    }
}

void gate::expel(ticket id, gate_error error, time_point now) {
    const auto kind = waiting_.kind_of(id);
    end_waiting(id, now);
    refuse(id, error, kind);
}

void gate::refuse(ticket id, gate_error error, connection_kind kind) {
    const auto connections = error == gate_error::full ? slots_.max_connections(kind) : 0;
    decisions_.push_back({id, {wait_outcome::refused, {error, connections}}});
}

void gate::refuse_deferring(time_point now) {
    for (auto next = deferring_.begin(); next != deferring_.end();) {
        const auto id = *next++; // `expel` may erase it
        if (waiting_.contains(id)) {
            expel(id, gate_error::may_not_wake, now);
        }
    }
}

void gate::refuse_overdue(time_point now) {
    while (const auto id = waiting_.overdue(now)) {
        const bool awaits_probe = deferring_.contains(*id) && cluster_ != cluster_state::ready;
        const auto error = timeout_error(cause_of_hold(waiting_.kind_of(*id)));
        expel(*id, awaits_probe ? gate_error::may_not_wake : error, now);
    }
}

void gate::refuse_beyond_capacity(time_point now) {
    for (const auto id : waiting_.tickets()) {
        if (slots_.is_full(waiting_.kind_of(id))) {
            expel(id, gate_error::full, now);
        }
    }
}

void gate::admit_in_turn(time_point now) {
    if (cluster_ != cluster_state::ready) {
        return;
    }
    while (const auto id = next_in_turn()) {
        waiting_.remove(*id);
        wakers_ -= deferring_.contains(*id) ? 0 : 1;
        slots_.open(*id);
        decisions_.push_back({*id, {.outcome = wait_outcome::admitted}});
    }
    if (settings_.refuse_when_full && slots_.is_full(connection_kind::ordinary)) {
        refuse_beyond_capacity(now);
    }
}

/// In order of arrival, except that clients for reserved connections do not wait for an ordinary
/// one.
std::optional<ticket> gate::next_in_turn() const {
    const auto kind = slots_.is_full(connection_kind::ordinary) ? connection_kind::reserved
                                                                : connection_kind::ordinary;
    return slots_.has_free(kind) ? waiting_.first(kind) : std::nullopt;
}

/// Until a probe tells whether the cluster sleeps this is demand, but no wake yet.
void gate::request_wake(time_point now) {
    if (is_known_to_sleep(now)) {
        start_waking(now, now);
        return;
    }
    if (initial_probe_ends_ == not_due) {
        wait_for_server(cluster_state::unknown, now);
        initial_probe_ends_ = now + max_initial_probe;
        probes_.set_next(now); // or right after a probe that is under way
    }
}

/// No server was found so far. If no client wants the cluster any more, it is asleep.
void gate::end_initial_probe(time_point now) {
    if (wakers_ == 0 && grace_ends_ == not_due) {
        fall_asleep(now);
        return;
    }
    wait_for_server(cluster_state::waking, wake_started_);
}

void gate::wait_for_server(cluster_state state, time_point since) {
    cluster_ = state;
    wake_started_ = since;
    initial_probe_ends_ = not_due;
    last_miss_ = hold_cause::waking;
    is_recheck_ = false;
    failed_probes_ = 0;
}

void gate::start_waking(time_point now, time_point first_probe) {
    wait_for_server(cluster_state::waking, now);
    is_recheck_ = first_probe > now;
    probes_.set_next(first_probe);
}

void gate::stay_ready(time_point now) {
    probes_.succeeded(now);
    failed_probes_ = 0;
    tick(now);
}

void gate::become_unready(time_point now) {
    if (wakers_ == 0) {
        fall_asleep(now);
    } else {
        start_waking(now, now + probe_schedule::min_recheck_backoff);
        refuse_deferring(now);
    }
}

void gate::fall_asleep(time_point now) {
    cluster_ = cluster_state::asleep;
    grace_ends_ = initial_probe_ends_ = not_due;
    probes_.set_next(not_due);
    probes_.end_recheck();
    refuse_deferring(now);
}

} // namespace wakegate::proxy
