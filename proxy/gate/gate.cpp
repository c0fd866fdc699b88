#include "proxy/gate/gate.hpp"

#include <algorithm>

namespace wakegate::proxy {
namespace {

/// A single lost probe says little; two in a row while ready say that the cluster is gone.
constexpr unsigned failures_to_disbelieve = 2;

/// When a server was believed ready and is not, it is asked again this much later, not at once: one
/// that passes its probe and turns sessions away would be chased in a circle. As long as it goes on
/// like that, after a tenth of the time that it has, within these bounds.
constexpr auto second_look = milliseconds(50);
constexpr auto rarest_second_look = milliseconds(1'000);

} // namespace

std::string_view to_string(gate_state state) noexcept {
    switch (state) {
    case gate_state::asleep:
        return "asleep";
    case gate_state::waking:
        return "waking";
    case gate_state::ready:
        return "ready";
    case gate_state::draining:
        return "draining";
    }
    return "unknown";
}

gate::gate(const gate_settings& settings, waiting_room& room)
    : settings_(settings),
      room_(room),
      waiting_(room),
      bounds_(settings.max_connections, settings.connection_headroom) {}

void gate::enter(ticket who, time_point now, time_point deadline, connection_kind kind) {
    if (const auto why = objection(kind)) {
        refuse(who, *why, kind);
        return;
    }
    wait(who, deadline, kind);
    if (state_ == gate_state::asleep) {
        start_waking(now, now);
    }
    admit_in_turn(now);
}

void gate::enter_if_ready(ticket who, time_point now, time_point deadline, connection_kind kind) {
    auto why = objection(kind);
    if (!why && is_known_to_sleep(now)) {
        why = refusal::may_not_wake;
    }
    if (why) {
        refuse(who, *why, kind);
        return;
    }
    deferring_.insert(who);
    wait(who, deadline, kind);
    if (state_ == gate_state::asleep && !probing_) {
        next_probe_ = now;
    }
    admit_in_turn(now);
}

void gate::leave(ticket who, time_point now) {
    if (waiting_.contains(who)) {
        end_waiting(who, refusal::hung_up, now);
    }
}

void gate::come_back(ticket who, time_point now, time_point deadline, connection_kind kind) {
    dialling_.erase(who);
    slow_.erase(who);
    --open_;
    last_miss_ = now;
    if (deferring_.erase(who) > 0) {
        decisions_.push_back({who, refusal::may_not_wake});
        if (state_ == gate_state::ready) {
            stop_believing(now);
        }
    } else {
        // Without a queue bound: it was in the queue before everybody who is in it now.
        wait(who, deadline, kind);
        if (state_ != gate_state::waking) {
            start_waking(now, now + pause_before_second_look(now));
        }
        refuse_who_defers(now);
    }
    tick(now);
}

void gate::logged_in(ticket who, time_point now) {
    deferring_.erase(who);
    if (dialling_.erase(who) + slow_.erase(who) > 0) {
        turned_away_since_.reset();
        tick(now);
    }
}

void gate::login_is_slow(ticket who, time_point now) {
    if (dialling_.erase(who) > 0) {
        slow_.insert(who);
        tick(now);
    }
}

void gate::closed(ticket who, time_point now) {
    dialling_.erase(who);
    slow_.erase(who);
    deferring_.erase(who);
    --open_;
    tick(now);
}

admission_stock gate::lend() noexcept {
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

void gate::take_back(admission_stock left) noexcept {
    open_ -= left.places;
    lent_logins_ -= left.logins;
}

void gate::returned(admission_stock what, time_point now) {
    take_back(what);
    if (what.logins > 0) {
        turned_away_since_.reset();
    }
    tick(now);
}

void gate::adopt(ticket who) {
    --lent_logins_;
    dialling_.insert(who);
}

bool gate::probe_due(time_point now) const noexcept {
    return !probing_ && now >= next_probe_;
}

void gate::probe_started(time_point now) noexcept {
    probing_ = true;
    last_probe_ = now;
    is_suspected_ = false;
    // A sleeping cluster is looked at once for those who defer; nobody waits for it to wake.
    next_probe_ = state_ == gate_state::asleep ? time_point::max() : now + probe_pause(now);
}

void gate::probe_answered(time_point now, std::optional<server_capacity> capacity) {
    if (capacity) {
        bounds_.learn(*capacity);
    }
    state_ = gate_state::ready;
    grace_ends_ = time_point::max();
    go_on_believing(now);
}

void gate::miss(time_point now, hold_cause cause) {
    probing_ = false;
    last_miss_ = now;
    cause_of_last_miss_ = cause;
    if (state_ == gate_state::ready) {
        ++failed_probes_;
        next_probe_ = now + second_look;
        if (failed_probes_ >= failures_to_disbelieve) {
            stop_believing(now);
        }
    } else {
        is_second_look_ = false;
        turned_away_since_.reset();
        refuse_who_defers(now);
    }
    tick(now);
}

void gate::probe_refused(time_point now) {
    if (state_ == gate_state::ready) {
        go_on_believing(now);
    } else {
        miss(now, hold_cause::unconfirmed);
    }
}

void gate::tick(time_point now) {
    refuse_overdue(now);
    if (state_ == gate_state::waking && now >= grace_ends_) {
        fall_asleep(now);
    }
    admit_in_turn(now);
}

time_point gate::next_due() const noexcept {
    const auto probe = probing_ ? time_point::max() : next_probe_;
    return std::min({waiting_.next_deadline(), grace_ends_, probe});
}

void gate::drain() noexcept {
    draining_ = true;
}

void gate::refuse_all(refusal why, time_point now) {
    for (const auto who : waiting_.tickets()) {
        end_waiting(who, why, now);
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
        return turned_away_since_ ? hold_cause::turned_away : cause_of_last_miss_;
    }
    return is_full(kind) ? hold_cause::full : hold_cause::logins;
}

/// Why nobody of this kind can enter now.
std::optional<refusal> gate::objection(connection_kind kind) const noexcept {
    if (draining_) {
        return refusal::draining;
    }
    if (settings_.refuse_when_full && state_ == gate_state::ready && is_full(kind)) {
        return refusal::full;
    }
    const bool is_first = !waiting_.first(kind);
    const bool served_at_once = state_ == gate_state::ready && is_first && has_free_slot(kind);
    const bool full = waiting_.size() >= settings_.max_waiting || room_.is_full();
    return full && !served_at_once ? std::optional(refusal::queue_full) : std::nullopt;
}

/// So recently that another look would tell nothing new: many who defer cost no more than one.
bool gate::is_known_to_sleep(time_point now) const noexcept {
    return state_ != gate_state::ready && last_miss_ &&
           now - *last_miss_ < settings_.probe_slow_interval;
}

void gate::wait(ticket who, time_point deadline, connection_kind kind) {
    waiting_.add(who, deadline, kind);
    if (!defers(who)) {
        ++wakers_;
        grace_ends_ = time_point::max();
    }
}

void gate::end_waiting(ticket who, refusal why, time_point now) {
    const auto kind = waiting_.kind_of(who);
    waiting_.remove(who);
    if (deferring_.erase(who) == 0) {
        --wakers_;
        if (wakers_ == 0 && state_ == gate_state::waking) {
            grace_ends_ = now + settings_.wake_grace;
        }
    }
    refuse(who, why, kind);
}

void gate::refuse(ticket who, refusal why, connection_kind kind) {
    const auto connections = why == refusal::full ? bounds_.most(kind).value_or(0) : 0;
    decisions_.push_back({who, why, connections});
}

void gate::refuse_who_defers(time_point now) {
    for (auto next = deferring_.begin(); next != deferring_.end();) {
        const auto who = *next++;
        if (waiting_.contains(who)) {
            end_waiting(who, refusal::may_not_wake, now);
        }
    }
}

void gate::refuse_overdue(time_point now) {
    while (const auto who = waiting_.overdue(now)) {
        const bool looks = defers(*who) && state_ != gate_state::ready;
        const auto why = refusal_for(cause_of_hold(waiting_.kind_of(*who)));
        end_waiting(*who, looks ? refusal::may_not_wake : why, now);
    }
}

void gate::refuse_beyond_capacity(time_point now) {
    for (const auto who : waiting_.tickets()) {
        if (is_full(waiting_.kind_of(who))) {
            end_waiting(who, refusal::full, now);
        }
    }
}

void gate::admit_in_turn(time_point now) {
    if (state_ != gate_state::ready) {
        return;
    }
    while (const auto who = next_in_turn()) {
        waiting_.remove(*who);
        wakers_ -= defers(*who) ? 0 : 1;
        dialling_.insert(*who);
        ++open_;
        decisions_.push_back({*who, std::nullopt});
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

void gate::start_waking(time_point now, time_point first_probe) {
    state_ = gate_state::waking;
    wake_started_ = now;
    cause_of_last_miss_ = hold_cause::waking;
    is_second_look_ = first_probe > now;
    next_probe_ = first_probe;
    failed_probes_ = 0;
}

void gate::stop_believing(time_point now) {
    if (wakers_ == 0) {
        fall_asleep(now);
    } else {
        start_waking(now, now + second_look);
        refuse_who_defers(now);
    }
}

void gate::fall_asleep(time_point now) {
    state_ = gate_state::asleep;
    grace_ends_ = time_point::max();
    next_probe_ = time_point::max();
    turned_away_since_.reset();
    refuse_who_defers(now);
}

void gate::go_on_believing(time_point now) {
    probing_ = false;
    failed_probes_ = 0;
    next_probe_ = next_look_while_ready(now);
    tick(now);
}

admission_stock gate::free(connection_kind kind) const noexcept {
    const auto left = [](std::size_t bound, std::size_t used) {
        return static_cast<std::uint32_t>(
            std::min<std::size_t>(bound - std::min(bound, used), turnstile::most / 2)
        );
    };
    const auto most = bounds_.most(kind);
    return {
        .places = most ? left(*most, open_) : turnstile::most / 2,
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

milliseconds gate::pause_before_second_look(time_point now) noexcept {
    if (!turned_away_since_) {
        turned_away_since_ = now;
    }
    constexpr int tenth = 10; // a divisor
    const auto lasted = std::chrono::duration_cast<milliseconds>(now - *turned_away_since_);
    return std::clamp(lasted / tenth, second_look, rarest_second_look);
}

milliseconds gate::probe_pause(time_point now) const noexcept {
    constexpr int two_percent = 50; // a divisor
    const auto waking_for = std::chrono::duration_cast<milliseconds>(now - wake_started_);
    const auto longest = std::max(settings_.probe_interval, settings_.probe_slow_interval);
    return std::clamp(waking_for / two_percent, settings_.probe_interval, longest);
}

} // namespace wakegate::proxy
