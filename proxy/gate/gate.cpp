#include "proxy/gate/gate.hpp"

#include <algorithm>

namespace wakegate::proxy {
namespace {

/// A single lost probe says little; two in a row while ready say that the cluster is gone.
constexpr unsigned failures_to_disbelieve = 2;

/// When a server was believed ready and is not, it is asked again this much later, not at once: one
/// that passes its probe and turns sessions away would be chased in a circle.
constexpr auto second_look = milliseconds(50);

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
    if (draining_) {
        decisions_.push_back({who, refusal::draining});
        return;
    }
    const bool served_at_once = state_ == gate_state::ready && waiting_.empty() && has_free_slot();
    const bool full = waiting_.size() >= settings_.max_waiting || room_.occupied >= room_.capacity;
    if (full && !served_at_once) {
        decisions_.push_back({who, refusal::queue_full});
        return;
    }
    wait(who, deadline);
    if (state_ == gate_state::asleep) {
        start_waking(now, now);
    }
    admit_in_turn();
}

void gate::leave(ticket who, time_point now) {
    if (waiting_.contains(who)) {
        stop_waiting(who, now);
        decisions_.push_back({who, refusal::hung_up});
    }
}

void gate::come_back(ticket who, time_point now, time_point deadline) {
    dialling_.erase(who);
    --open_;
    // Without a queue bound: it was in the queue before everybody who is in it now.
    wait(who, deadline);
    if (state_ != gate_state::waking) {
        start_waking(now, now + second_look);
    }
    tick(now);
}

void gate::logged_in(ticket who, time_point now) {
    if (dialling_.erase(who) > 0) {
        tick(now);
    }
}

void gate::closed(ticket who, time_point now) {
    dialling_.erase(who);
    --open_;
    tick(now);
}

bool gate::probe_due(time_point now) const noexcept {
    return !probing_ && now >= next_probe_;
}

void gate::probe_started(time_point now) noexcept {
    probing_ = true;
    next_probe_ = now + probe_pause(now);
}

void gate::probe_answered(time_point now, std::optional<std::size_t> server_limit) {
    probing_ = false;
    failed_probes_ = 0;
    if (server_limit) {
        server_limit_ = server_limit;
    }
    state_ = gate_state::ready;
    grace_ends_ = time_point::max();
    next_probe_ = settings_.probe_ready_interval > milliseconds(0)
                      ? now + settings_.probe_ready_interval
                      : time_point::max();
    tick(now);
}

void gate::probe_failed(time_point now) {
    probing_ = false;
    if (state_ == gate_state::ready) {
        ++failed_probes_;
        next_probe_ = now + second_look;
        if (failed_probes_ >= failures_to_disbelieve) {
            stop_believing(now);
        }
    }
    tick(now);
}

void gate::tick(time_point now) {
    while (!deadlines_.empty() && deadlines_.begin()->first <= now) {
        const auto who = deadlines_.begin()->second;
        stop_waiting(who, now);
        decisions_.push_back({who, refusal::hold_timeout});
    }
    if (state_ == gate_state::waking && now >= grace_ends_) {
        state_ = gate_state::asleep;
        grace_ends_ = time_point::max();
        next_probe_ = time_point::max();
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
        const auto who = waiting_.begin()->first;
        stop_waiting(who, now);
        decisions_.push_back({who, why});
    }
}

std::vector<gate_decision> gate::take_decisions() {
    return std::exchange(decisions_, {});
}

gate_state gate::state() const noexcept {
    return draining_ ? gate_state::draining : state_;
}

void gate::wait(ticket who, time_point deadline) {
    waiting_.emplace(who, deadline);
    deadlines_.emplace(deadline, who);
    ++room_.occupied;
    grace_ends_ = time_point::max();
}

void gate::stop_waiting(ticket who, time_point now) {
    const auto found = waiting_.find(who);
    deadlines_.erase({found->second, who});
    waiting_.erase(found);
    --room_.occupied;
    if (waiting_.empty() && state_ == gate_state::waking) {
        grace_ends_ = now + settings_.wake_grace;
    }
}

void gate::admit_in_turn() {
    while (state_ == gate_state::ready && !waiting_.empty() && has_free_slot()) {
        const auto who = waiting_.begin()->first;
        deadlines_.erase({waiting_.begin()->second, who});
        waiting_.erase(waiting_.begin());
        --room_.occupied;
        dialling_.insert(who);
        ++open_;
        decisions_.push_back({who, std::nullopt});
    }
}

void gate::start_waking(time_point now, time_point first_probe) {
    state_ = gate_state::waking;
    wake_started_ = now;
    next_probe_ = first_probe;
    failed_probes_ = 0;
}

void gate::stop_believing(time_point now) {
    if (waiting_.empty()) {
        state_ = gate_state::asleep;
        next_probe_ = time_point::max();
    } else {
        start_waking(now, now + second_look);
    }
}

bool gate::has_free_slot() const noexcept {
    if (dialling_.size() >= settings_.release_batch) {
        return false;
    }
    if (settings_.max_connections) {
        return open_ < *settings_.max_connections;
    }
    if (server_limit_) {
        // One session at least, however small the server's limit or large the headroom.
        const auto limit = *server_limit_ - std::min(*server_limit_, settings_.connection_headroom);
        return open_ < std::max<std::size_t>(limit, 1);
    }
    return true;
}

milliseconds gate::probe_pause(time_point now) const noexcept {
    constexpr int two_percent = 50; // a divisor
    const auto waking_for = std::chrono::duration_cast<milliseconds>(now - wake_started_);
    const auto longest = std::max(settings_.probe_interval, settings_.probe_slow_interval);
    return std::clamp(waking_for / two_percent, settings_.probe_interval, longest);
}

} // namespace wakegate::proxy
