#pragma once

#include "proxy/gate/gate.hpp"

#include <ostream>
#include <vector>

namespace wakegate::proxy {

inline std::ostream& operator<<(std::ostream& out, const gate_decision& decision) {
    out << decision.id;
    if (!decision.error) {
        return out << " admitted";
    }
    switch (*decision.error) {
    case gate_error::hold_timeout:
        return out << " hold_timeout";
    case gate_error::no_scaled_object:
        return out << " no_scaled_object";
    case gate_error::no_scaler:
        return out << " no_scaler";
    case gate_error::turned_away:
        return out << " turned_away";
    case gate_error::unconfirmed:
        return out << " unconfirmed";
    case gate_error::logins:
        return out << " logins";
    case gate_error::full:
        return out << " full, connections: " << decision.connections;
    case gate_error::queue_full:
        return out << " queue_full";
    case gate_error::draining:
        return out << " draining";
    case gate_error::may_not_wake:
        return out << " may_not_wake";
    case gate_error::hung_up:
        return out << " hung_up";
    }
    return out << " ?";
}

} // namespace wakegate::proxy

namespace wakegate::support {

using proxy::gate;
using proxy::gate_decision;
using proxy::gate_error;
using proxy::gate_settings;
using proxy::ticket;

inline gate_decision admitted(ticket id) {
    return {id, std::nullopt};
}

inline gate_decision refused(ticket id, gate_error why) {
    return {id, why};
}

/// Because so many connections are in use.
inline gate_decision refused_as_full(ticket id, std::size_t connections) {
    return {id, gate_error::full, connections};
}

/// A gate with a clock that stands still until it is told to go on. Its cluster was looked at
/// `since_look` ago, and sleeps.
struct gate_script {
    explicit gate_script(const gate_settings& settings = {}, duration since_look = {})
        : subject(settings, room) {
        probe_fails();
        now += since_look;
    }

    void enter(ticket id, duration patience = seconds(60)) {
        subject.enter(id, now, now + patience);
    }

    void enter_reserved(ticket id, duration patience = seconds(60)) {
        subject.enter(id, now, now + patience, proxy::connection_kind::reserved);
    }

    void enter_if_ready(ticket id, duration patience = seconds(60)) {
        subject.enter_if_ready(id, now, now + patience);
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
    proxy::global_queue_limit room;
    gate subject;
};

} // namespace wakegate::support
