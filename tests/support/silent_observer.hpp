#pragma once

#include "proxy/gate/gate_keeper.hpp"

namespace wakegate::support {

/// For tests to which it does not matter what a gate has to tell; override what does.
struct silent_observer : proxy::gate_observer {
    void demand_changed(const proxy::gate_keeper&, bool) override {}

    void cluster_woke(const proxy::gate_keeper&, duration) override {}

    void session_released(const proxy::gate_keeper&, duration) override {}

    void session_refused(const proxy::gate_keeper&, proxy::refusal) override {}
};

} // namespace wakegate::support
