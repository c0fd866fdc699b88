#include "proxy/gate/hold_log.hpp"

#include <chrono>

namespace wakegate::proxy {
namespace {

void end_hold(log::event& line, const gate_session& session, duration held) {
    session.add_to(line);
    line.with("held_ms", std::chrono::duration_cast<milliseconds>(held).count());
}

} // namespace

void gate_session::add_to(log::event& line) const {
    line.with("cluster", cluster).with("ticket", who);
    if (client != nullptr) {
        client->add_to(line);
    }
}

void log_held(const gate_session& session, hold_cause cause, std::size_t waiting) {
    auto line = log::info("session_held");
    session.add_to(line);
    line.with("cause", to_string(cause)).with("waiting", waiting);
}

void log_released(const gate_session& session, duration held) {
    auto line = log::info("session_released");
    end_hold(line, session, held);
}

void log_waking(const gate_session& session) {
    auto line = log::info("cluster_waking");
    session.add_to(line);
}

void log_ready(const std::string& cluster, duration took) {
    const auto wake_ms = std::chrono::duration_cast<milliseconds>(took).count();
    log::info("cluster_ready").with("cluster", cluster).with("wake_ms", wake_ms);
}

void log_left(const gate_session& session, duration held) {
    auto line = log::info("session_left");
    end_hold(line, session, held);
}

} // namespace wakegate::proxy
