#include "proxy/gate/gate_waiters.hpp"

namespace wakegate::proxy {

std::optional<gate_waiter> gate_waiters::take(ticket id) {
    auto node = waiters_.extract(id);
    std::optional<gate_waiter> waiter;
    if (!node.empty()) {
        waiter.emplace(std::move(node.mapped()));
    }
    return waiter;
}

std::optional<session_log_fields> gate_waiters::first_waker() const {
    for (const auto& [id, waiter] : waiters_) {
        if (!waiter.defers) {
            return log_fields(id, waiter);
        }
    }
    return std::nullopt;
}

} // namespace wakegate::proxy
