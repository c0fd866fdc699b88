#pragma once

#include "common/clock.hpp"
#include "common/log.hpp"
#include "proxy/gate/gate_error.hpp"
#include "proxy/gate/session_identity.hpp"
#include "proxy/gate/wait_queue.hpp"

#include <cstddef>
#include <string>

namespace wakegate::proxy {

/// A waiting session, as the log names it.
struct session_log_fields {
    const std::string& cluster;
    ticket id;
    const session_identity* client; ///< null: unknown

    void add_to(log::event& line) const;
};

void log_held(const session_log_fields& session, hold_cause cause, std::size_t waiting);
void log_released(const session_log_fields& session, duration held);
/// That session wakes the cluster.
void log_waking(const session_log_fields& session);
void log_ready(const std::string& cluster, duration took);
void log_left(const session_log_fields& session, duration held);

} // namespace wakegate::proxy
