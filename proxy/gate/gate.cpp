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

gate::gate(const gate_settings& settings, waiting_room& room) : settings_(settings), room_(room) {}

gate::~gate() {
    room_.occupied -= waiting_.size();
}

void gate::enter(ticket who, time_point now, time_point deadline) {
    if (const auto why = objection()) {
        decisions_.push_back({who, why});
        return;
    }
    wait(who, deadline);
    if (state_ == gate_state::asleep) {
        start_waking(now, now);
    }
    admit_in_turn();
}

void gate::enter_if_ready(ticket who, time_point now, time_point deadline) {
    auto why = objection();
    if (!why && is_known_to_sleep(now)) {
        why = refusal::may_not_wake;
    }
    if (why) {
        decisions_.push_back({who, why});
        return;
    }
    deferring_.insert(who);
    wait(who, deadline);
    if (state_ == gate_state::asleep && !probing_) {
        next_probe_ = now;
    }
    admit_in_turn();
}

void gate::leave(ticket who, time_point now) {
    if (waiting_.contains(who)) {
        end_waiting(who, refusal::hung_up, now);
    }
}

void gate::come_back(ticket who, time_point now, time_point deadline) {
    dialling_.erase(who);
    --open_;
    last_miss_ = now;
    if (deferring_.erase(who) > 0) {
        decisions_.push_back({who, refusal::may_not_wake});
        if (state_ == gate_state::ready) {
            stop_believing(now);
        }
    } else {
        // Without a queue bound: it was in the queue before everybody who is in it now.
        wait(who, deadline);
        if (state_ != gate_state::waking) {
            start_waking(now, now + pause_before_second_look(now));
        }
        refuse_who_defers(now);
    }
    tick(now);
}

void gate::logged_in(ticket who, time_point now) {
    deferring_.erase(who);
    if (dialling_.erase(who) > 0) {
        turned_away_since_.reset();
        tick(now);
    }
}

void gate::closed(ticket who, time_point now) {
    dialling_.erase(who);
    deferring_.erase(who);
    --open_;
    tick(now);
}

admission_stock gate::lend() noexcept {
    if (state_ != gate_state::ready || draining_ || !waiting_.empty()) {
        return {};
    }
    const auto lent = free();
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
    // A sleeping cluster is looked at once for those who defer; nobody waits for it to wake.
    next_probe_ = state_ == gate_state::asleep ? time_point::max() : now + probe_pause(now);
}

void gate::probe_answered(time_point now, std::optional<std::size_t> server_limit) {
    if (server_limit) {
        server_limit_ = server_limit;
    }
    state_ = gate_state::ready;
    grace_ends_ = time_point::max();
    go_on_believing(now);
}

void gate::probe_failed(time_point now) {
    probing_ = false;
    last_miss_ = now;
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
        probe_failed(now);
    }
}

void gate::tick(time_point now) {
    while (!deadlines_.empty() && deadlines_.begin()->first <= now) {
        const auto who = deadlines_.begin()->second;
        const bool looks = defers(who) && state_ != gate_state::ready;
        end_waiting(who, looks ? refusal::may_not_wake : refusal::hold_timeout, now);
    }
    if (state_ == gate_state::waking && now >= grace_ends_) {
        fall_asleep(now);
    }
    admit_in_turn();
}

time_point gate::next_due() const noexcept {
    const auto deadline = deadlines_.empty() ? time_point::max() : deadlines_.begin()->first;
    const auto probe = probing_ ? time_point::max() : next_probe_;
    return std::min({deadline, grace_ends_, probe});
}

void gate::drain() noexcept {
    draining_ = true;
}

void gate::refuse_all(refusal why, time_point now) {
    while (!waiting_.empty()) {
        end_waiting(waiting_.begin()->first, why, now);
    }
}

std::vector<gate_decision> gate::take_decisions() {
    return std::exchange(decisions_, {});
}

gate_state gate::state() const noexcept {
    return draining_ ? gate_state::draining : state_;
}

/// Why nobody can enter now, whoever it is.
std::optional<refusal> gate::objection() const noexcept {
    if (draining_) {
        return refusal::draining;
    }
    const bool served_at_once = state_ == gate_state::ready && waiting_.empty() && has_free_slot();
    const bool full = waiting_.size() >= settings_.max_waiting || room_.occupied >= room_.capacity;
    return full && !served_at_once ? std::optional(refusal::queue_full) : std::nullopt;
}

/// So recently that another look would tell nothing new: many who defer cost no more than one.
bool gate::is_known_to_sleep(time_point now) const noexcept {
    return state_ != gate_state::ready && last_miss_ &&
           now - *last_miss_ < settings_.probe_slow_interval;
}

void gate::wait(ticket who, time_point deadline) {
    waiting_.emplace(who, deadline);
    deadlines_.emplace(deadline, who);
    ++room_.occupied;
    if (!defers(who)) {
        ++wakers_;
        grace_ends_ = time_point::max();
    }
}

void gate::stop_waiting(ticket who, time_point now) {
    const auto found = waiting_.find(who);
    deadlines_.erase({found->second, who});
    waiting_.erase(found);
    --room_.occupied;
    if (deferring_.erase(who) > 0) {
        return;
    }
    --wakers_;
    if (wakers_ == 0 && state_ == gate_state::waking) {
        grace_ends_ = now + settings_.wake_grace;
    }
}

void gate::end_waiting(ticket who, refusal why, time_point now) {
    stop_waiting(who, now);
    decisions_.push_back({who, why});
}

void gate::refuse_who_defers(time_point now) {
    for (auto next = deferring_.begin(); next != deferring_.end();) {
        const auto who = *next++;
        if (waiting_.contains(who)) {
            end_waiting(who, refusal::may_not_wake, now);
        }
    }
}

void gate::admit_in_turn() {
    while (state_ == gate_state::ready && !waiting_.empty() && has_free_slot()) {
        const auto who = waiting_.begin()->first;
        deadlines_.erase({waiting_.begin()->second, who});
        waiting_.erase(waiting_.begin());
        --room_.occupied;
        wakers_ -= defers(who) ? 0 : 1;
        dialling_.insert(who);
        ++open_;
        decisions_.push_back({who, std::nullopt});
    }
}

void gate::start_waking(time_point now, time_point first_probe) {
    state_ = gate_state::waking;
    wake_started_ = now;
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
    next_probe_ = settings_.probe_ready_interval > milliseconds(0)
                      ? now + settings_.probe_ready_interval
                      : time_point::max();
    tick(now);
}

admission_stock gate::free() const noexcept {
    auto limit = settings_.max_connections;
    if (!limit && server_limit_) {
        // One session at least, however small the server's limit or large the headroom.
        limit = std::max<std::size_t>(
            *server_limit_ - std::min(*server_limit_, settings_.connection_headroom), 1
        );
    }
    const auto left = [](std::size_t bound, std::size_t used) {
        return static_cast<std::uint32_t>(
            std::min<std::size_t>(bound - std::min(bound, used), turnstile::most / 2)
        );
    };
    return {
        .places = limit ? left(*limit, open_) : turnstile::most / 2,
        .logins = left(settings_.release_batch, dialling()),
    };
}

bool gate::has_free_slot() const noexcept {
    const auto left = free();
    return left.places > 0 && left.logins > 0;
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
