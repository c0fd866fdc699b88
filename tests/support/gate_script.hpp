#pragma once

#include "proxy/gate/gate.hpp"

#include <ostream>
#include <string_view>
#include <vector>

namespace wakegate::proxy {

inline std::string_view to_string(gate_error error) {
    switch (error) {
    case gate_error::hold_timeout:
        return "hold_timeout";
    case gate_error::no_scaled_object:
        return "no_scaled_object";
    case gate_error::no_scaler:
        return "no_scaler";
    case gate_error::turned_away:
        return "turned_away";
    case gate_error::unconfirmed:
        return "unconfirmed";
    case gate_error::logins:
        return "logins";
    case gate_error::full:
        return "full";
    case gate_error::queue_full:
        return "queue_full";
    case gate_error::draining:
        return "draining";
    case gate_error::may_not_wake:
        return "may_not_wake";
    }
    return "?";
}

inline std::ostream& operator<<(std::ostream& out, const gate_decision& decision) {
    const auto& [outcome, refusal] = decision.result;
    out << decision.id;
    switch (outcome) {
    case wait_outcome::admitted:
        return out << " admitted";
    case wait_outcome::cancelled:
        return out << " cancelled";
    case wait_outcome::refused:
        break;
    }
    return out << ' ' << to_string(refusal.error) << ", connections: " << refusal.connections;
}

} // namespace wakegate::proxy

namespace wakegate::support {

using proxy::gate;
using proxy::gate_decision;
using proxy::gate_error;
using proxy::gate_settings;
using proxy::ticket;

inline gate_decision admitted(ticket id) {
    return {id, {.outcome = proxy::wait_outcome::admitted}};
}

inline gate_decision cancelled(ticket id) {
    return {id, {.outcome = proxy::wait_outcome::cancelled}};
}

inline gate_decision refused(ticket id, gate_error error) {
    return {id, {proxy::wait_outcome::refused, {error}}};
}

/// The refusal of a full cluster with that many connections in use.
inline gate_decision refused_as_full(ticket id, std::size_t connections) {
    return {id, {proxy::wait_outcome::refused, {gate_error::full, connections}}};
}

/// A gate whose time is `now`, which only `advance` changes. Its cluster sleeps, and was probed
/// `since_probe` ago.
struct gate_script {
    explicit gate_script(const gate_settings& settings = {}, duration since_probe = {})
        : subject(settings, queue_limit) {
        probe_fails();
        now += since_probe;
    }

    void enter(ticket id, duration timeout = seconds(60)) { subject.enter(id, now, now + timeout); }

    void enter_reserved(ticket id, duration timeout = seconds(60)) {
        subject.enter(id, now, now + timeout, proxy::connection_kind::reserved);
    }

    void enter_if_ready(ticket id, duration timeout = seconds(60)) {
        subject.enter_if_ready(id, now, now + timeout);
    }

    void advance(duration time) {
        now += time;
        subject.tick(now);
    }

    void probe_answers(std::optional<proxy::server_capacity> capacity = std::nullopt) {
        subject.probe_started(now);
        subject.probe_answered(now, capacity);
    }

    void probe_fails() {
        subject.probe_started(now);
        subject.probe_failed(now);
    }

    void probe_is_refused() {
        subject.probe_started(now);
        subject.probe_refused(now);
    }

    std::vector<gate_decision> decisions() { return subject.take_decisions(); }

    time_point now{std::chrono::hours(1)};
    proxy::global_queue_limit queue_limit;
    gate subject;
};

} // namespace wakegate::support
