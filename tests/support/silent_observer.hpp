#pragma once

#include "proxy/gate/gate_service.hpp"

namespace wakegate::support {

/// For tests to which it does not matter what a gate has to tell; override what does.
struct silent_observer : proxy::gate_observer {
    void demand_changed(const proxy::gate_service&, bool) override {}

    void cluster_woke(const proxy::gate_service&, duration) override {}

    void session_released(const proxy::gate_service&, duration) override {}

    void session_refused(const proxy::gate_service&, proxy::gate_error) override {}
};

} // namespace wakegate::support
