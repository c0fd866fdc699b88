#include "proxy/gate/cluster_traffic.hpp"

#include <algorithm>

namespace wakegate::proxy {

std::optional<time_point> traffic_counters::last_activity() const noexcept {
    const auto ticks = last_activity_.load(std::memory_order_relaxed);
    if (ticks == 0) {
        return std::nullopt;
    }
    return time_point(duration(ticks));
}

cluster_traffic::totals cluster_traffic::sum() const noexcept {
    totals result;
    for (const auto& counters : counters_) {
        const auto busy = counters.busy();
        // Two loads, not one: a session may have moved between the counters meanwhile.
        const auto sessions = std::max(counters.sessions(), busy);
        result.logins += counters.logins();
        result.busy += busy;
        result.idle += sessions - busy;
        // An empty optional is less than any time.
        result.last_activity = std::max(result.last_activity, counters.last_activity());
    }
    return result;
}

} // namespace wakegate::proxy
