#pragma once

#include "proxy/gate/gate_service.hpp"

namespace wakegate::support {

/// For tests that ignore a gate's events; override those that matter.
struct silent_observer : proxy::gate_observer {
    void demand_changed(const proxy::gate_service&, bool) override {}

    void cluster_woke(const proxy::gate_service&, duration) override {}

    void session_released(const proxy::gate_service&, duration) override {}

    void session_refused(const proxy::gate_service&, proxy::gate_error) override {}
};

} // namespace wakegate::support
