#include "proxy/gate/hold_log.hpp"

#include <chrono>

namespace wakegate::proxy {
namespace {

void end_hold(log::event& line, const session_log_fields& session, duration held) {
    session.add_to(line);
    line.with("held_ms", std::chrono::duration_cast<milliseconds>(held).count());
}

} // namespace

void session_log_fields::add_to(log::event& line) const {
    line.with("cluster", cluster).with("ticket", id);
    if (client != nullptr) {
        client->add_to(line);
    }
}

void log_held(const session_log_fields& session, hold_cause cause, std::size_t waiting) {
    auto line = log::info("session_held");
    session.add_to(line);
    line.with("cause", to_string(cause)).with("waiting", waiting);
}

void log_released(const session_log_fields& session, duration held) {
    auto line = log::info("session_released");
    end_hold(line, session, held);
}

void log_waking(const session_log_fields& session) {
    auto line = log::info("cluster_waking");
    session.add_to(line);
}

void log_ready(const std::string& cluster, duration took) {
    const auto wake_ms = std::chrono::duration_cast<milliseconds>(took).count();
    log::info("cluster_ready").with("cluster", cluster).with("wake_ms", wake_ms);
}

void log_left(const session_log_fields& session, duration held) {
    auto line = log::info("session_left");
    end_hold(line, session, held);
}

} // namespace wakegate::proxy
