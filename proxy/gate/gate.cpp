#include "proxy/gate/gate.hpp"

#include <algorithm>

namespace wakegate::proxy {
namespace {

/// A single lost probe says little; two in a row while ready say that the cluster is gone.
constexpr unsigned failures_to_disbelieve = 2;

/// A first look that takes longer (nobody answers a connect at all) is no reason to call the
/// cluster anything but waking; what the look finds still counts.
constexpr auto longest_first_look = milliseconds(250);

} // namespace

gate::gate(const gate_settings& settings, global_queue_limit& room)
    : settings_(settings),
      room_(room),
      waiting_(room),
      bounds_(settings.max_connections, settings.connection_headroom),
      probes_(settings.probes()) {}

void gate::enter(ticket id, time_point now, time_point deadline, connection_kind kind) {
    if (const auto error = entry_error(kind)) {
        refuse(id, *error, kind);
        return;
    }
    wait(id, deadline, kind);
    if (state_ == gate_state::asleep || state_ == gate_state::unknown) {
        want_awake(now);
    }
    admit_in_turn(now);
}

void gate::enter_if_ready(ticket id, time_point now, time_point deadline, connection_kind kind) {
    auto error = entry_error(kind);
    if (!error && is_known_to_sleep(now)) {
        error = gate_error::may_not_wake;
    }
    if (error) {
        refuse(id, *error, kind);
        return;
    }
    deferring_.insert(id);
    wait(id, deadline, kind);
    if (state_ == gate_state::asleep || state_ == gate_state::unknown) {
        probes_.want(now);
    }
    admit_in_turn(now);
}

void gate::leave(ticket id, time_point now) {
    if (waiting_.contains(id)) {
        end_waiting(id, gate_error::hung_up, now);
    }
}

void gate::requeue(ticket id, time_point now, time_point deadline, connection_kind kind) {
    dialling_.erase(id);
    slow_.erase(id);
    --open_;
    probes_.note_miss(now);
    if (deferring_.erase(id) > 0) {
        decisions_.push_back({id, gate_error::may_not_wake});
        if (state_ == gate_state::ready) {
            become_unready(now);
        }
    } else {
        // Without a queue bound: it was in the queue before everybody who is in it now.
        wait(id, deadline, kind);
        if (state_ != gate_state::waking) {
            start_waking(now, probes_.after_turned_away(now));
        }
        refuse_who_defers(now);
    }
    tick(now);
}

void gate::logged_in(ticket id, time_point now) {
    deferring_.erase(id);
    if (dialling_.erase(id) + slow_.erase(id) > 0) {
        probes_.agree();
        tick(now);
    }
}

void gate::login_is_slow(ticket id, time_point now) {
    if (dialling_.erase(id) > 0) {
        slow_.insert(id);
        tick(now);
    }
}

void gate::closed(ticket id, time_point now) {
    dialling_.erase(id);
    slow_.erase(id);
    deferring_.erase(id);
    --open_;
    tick(now);
}

credits gate::grant_credits() noexcept {
    if (state_ != gate_state::ready || draining_ || !waiting_.empty()) {
        return {};
    }
    const auto lent = free(connection_kind::ordinary);
    if (lent.places == 0 || lent.logins == 0) {
        return {};
    }
    open_ += lent.places;
    lent_logins_ += lent.logins;
    return lent;
}

void gate::reclaim(credits left) noexcept {
    open_ -= left.places;
    lent_logins_ -= left.logins;
}

void gate::release(credits what, time_point now) {
    reclaim(what);
    if (what.logins > 0) {
        probes_.agree();
    }
    tick(now);
}

void gate::track(ticket id) {
    --lent_logins_;
    dialling_.insert(id);
}

void gate::probe_started(time_point now) noexcept {
    // A sleeping cluster is looked at once for those who defer; nobody waits for it to wake.
    if (state_ == gate_state::asleep) {
        probes_.started_once(now);
    } else {
        probes_.started(now, wake_started_);
    }
}

void gate::probe_answered(time_point now, std::optional<server_capacity> capacity) {
    if (capacity) {
        bounds_.learn(*capacity);
    }
    state_ = gate_state::ready;
    grace_ends_ = look_ends_ = time_point::max();
    stay_ready(now);
}

void gate::miss(time_point now, hold_cause cause) {
    probes_.missed(now);
    if (state_ == gate_state::unknown) {
        end_first_look(now);
    }
    cause_of_last_miss_ = cause;
    if (state_ == gate_state::ready) {
        ++failed_probes_;
        probes_.set_next(now + probe_schedule::recheck_backoff);
        if (failed_probes_ >= failures_to_disbelieve) {
            become_unready(now);
        }
    } else {
        is_recheck_ = false;
        probes_.agree();
        refuse_who_defers(now);
    }
    tick(now);
}

void gate::probe_refused(time_point now) {
    if (state_ == gate_state::ready) {
        stay_ready(now);
    } else {
        miss(now, hold_cause::unconfirmed);
    }
}

void gate::tick(time_point now) {
    refuse_overdue(now);
    if (now >= look_ends_) {
        end_first_look(now);
    }
    if (state_ == gate_state::waking && now >= grace_ends_) {
        fall_asleep(now);
    }
    admit_in_turn(now);
}

time_point gate::next_due() const noexcept {
    const auto grace = state_ == gate_state::waking ? grace_ends_ : time_point::max();
    return std::min({waiting_.next_deadline(), look_ends_, grace, probes_.next()});
}

void gate::drain() noexcept {
    draining_ = true;
}

void gate::refuse_all(gate_error error, time_point now) {
    for (const auto id : waiting_.tickets()) {
        end_waiting(id, error, now);
    }
}

std::vector<gate_decision> gate::take_decisions() {
    return std::exchange(decisions_, {});
}

gate_state gate::state() const noexcept {
    return draining_ ? gate_state::draining : state_;
}

hold_cause gate::cause_of_hold(connection_kind kind) const noexcept {
    if (state_ != gate_state::ready) {
        return probes_.is_turned_away() ? hold_cause::turned_away : cause_of_last_miss_;
    }
    return is_full(kind) ? hold_cause::full : hold_cause::logins;
}

/// Why nobody of this kind can enter now.
std::optional<gate_error> gate::entry_error(connection_kind kind) const noexcept {
    if (draining_) {
        return gate_error::draining;
    }
    if (settings_.refuse_when_full && state_ == gate_state::ready && is_full(kind)) {
        return gate_error::full;
    }
    const bool is_first = !waiting_.first(kind);
    const bool served_at_once = state_ == gate_state::ready && is_first && has_free_slot(kind);
    const bool full = waiting_.size() >= settings_.max_waiting || room_.is_full();
    return full && !served_at_once ? std::optional(gate_error::queue_full) : std::nullopt;
}

/// As far as the last look tells: many who defer cost no more than one.
bool gate::is_known_to_sleep(time_point now) const noexcept {
    return state_ != gate_state::ready && probes_.has_just_missed(now);
}

void gate::wait(ticket id, time_point deadline, connection_kind kind) {
    waiting_.add(id, deadline, kind);
    if (!defers(id)) {
        ++wakers_;
        grace_ends_ = time_point::max();
    }
}

void gate::end_waiting(ticket id, gate_error error, time_point now) {
    const auto kind = waiting_.kind_of(id);
    waiting_.remove(id);
    if (deferring_.erase(id) == 0) {
        --wakers_;
        if (wakers_ == 0 && state_ != gate_state::ready) {
            grace_ends_ = now + settings_.wake_grace;
        }
    }
    refuse(id, error, kind);
}

void gate::refuse(ticket id, gate_error error, connection_kind kind) {
    const auto connections = error == gate_error::full ? bounds_.most(kind).value_or(0) : 0;
    decisions_.push_back({id, error, connections});
}

void gate::refuse_who_defers(time_point now) {
    for (auto next = deferring_.begin(); next != deferring_.end();) {
        const auto id = *next++;
        if (waiting_.contains(id)) {
            end_waiting(id, gate_error::may_not_wake, now);
        }
    }
}

void gate::refuse_overdue(time_point now) {
    while (const auto id = waiting_.overdue(now)) {
        const bool looks = defers(*id) && state_ != gate_state::ready;
        const auto error = timeout_error(cause_of_hold(waiting_.kind_of(*id)));
        end_waiting(*id, looks ? gate_error::may_not_wake : error, now);
    }
}

void gate::refuse_beyond_capacity(time_point now) {
    for (const auto id : waiting_.tickets()) {
        if (is_full(waiting_.kind_of(id))) {
            end_waiting(id, gate_error::full, now);
        }
    }
}

void gate::admit_in_turn(time_point now) {
    if (state_ != gate_state::ready) {
        return;
    }
    while (const auto id = next_in_turn()) {
        waiting_.remove(*id);
        wakers_ -= defers(*id) ? 0 : 1;
        dialling_.insert(*id);
        ++open_;
        decisions_.push_back({*id, std::nullopt});
    }
    if (settings_.refuse_when_full && is_full(connection_kind::ordinary)) {
        refuse_beyond_capacity(now);
    }
}

/// In order of arrival; only who may use reserved connections does not wait for an ordinary one.
std::optional<ticket> gate::next_in_turn() const {
    const auto kind =
        is_full(connection_kind::ordinary) ? connection_kind::reserved : connection_kind::ordinary;
    return has_free_slot(kind) ? waiting_.first(kind) : std::nullopt;
}

/// As long as it is not known whether the cluster sleeps this is demand already, and no wake yet.
void gate::want_awake(time_point now) {
    if (is_known_to_sleep(now)) {
        start_waking(now, now);
        return;
    }
    if (look_ends_ == time_point::max()) {
        begin_wait_for_server(gate_state::unknown, now);
        look_ends_ = now + longest_first_look;
        probes_.set_next(now); // or as soon as one is over that has begun for others
    }
}

/// It has found nobody so far. When nobody wants the cluster any more, or ever did, that is sleep.
void gate::end_first_look(time_point now) {
    if (wakers_ == 0 && grace_ends_ == time_point::max()) {
        fall_asleep(now);
        return;
    }
    begin_wait_for_server(gate_state::waking, wake_started_);
}

void gate::begin_wait_for_server(gate_state state, time_point since) {
    state_ = state;
    wake_started_ = since;
    look_ends_ = time_point::max();
    cause_of_last_miss_ = hold_cause::waking;
    is_recheck_ = false;
    failed_probes_ = 0;
}

void gate::start_waking(time_point now, time_point first_probe) {
    begin_wait_for_server(gate_state::waking, now);
    is_recheck_ = first_probe > now;
    probes_.set_next(first_probe);
}

void gate::become_unready(time_point now) {
    if (wakers_ == 0) {
        fall_asleep(now);
    } else {
        start_waking(now, now + probe_schedule::recheck_backoff);
        refuse_who_defers(now);
    }
}

void gate::fall_asleep(time_point now) {
    state_ = gate_state::asleep;
    grace_ends_ = look_ends_ = time_point::max();
    probes_.set_next(time_point::max());
    probes_.agree();
    refuse_who_defers(now);
}

void gate::stay_ready(time_point now) {
    probes_.found(now);
    failed_probes_ = 0;
    tick(now);
}

credits gate::free(connection_kind kind) const noexcept {
    const auto left = [](std::size_t bound, std::size_t used) {
        return static_cast<std::uint32_t>(
            std::min<std::size_t>(bound - std::min(bound, used), admission_credits::most / 2)
        );
    };
    const auto most = bounds_.most(kind);
    return {
        .places = most ? left(*most, open_) : admission_credits::most / 2,
        .logins = left(settings_.release_batch, dialling()),
    };
}

bool gate::has_free_slot(connection_kind kind) const noexcept {
    const auto left = free(kind);
    return left.places > 0 && left.logins > 0;
}

bool gate::is_full(connection_kind kind) const noexcept {
    return free(kind).places == 0;
}

} // namespace wakegate::proxy
