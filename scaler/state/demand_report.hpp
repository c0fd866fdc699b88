#pragma once

#include "common/clock.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace wakegate::scaler {

/// The state of a cluster at a proxy's gate (proto/demand.proto). Of several proxies the greatest
/// counts: one that has reached the cluster knows more than one that has not tried.
enum class gate_state { unknown, asleep, draining, waking, ready };

[[nodiscard]] std::string_view to_string(gate_state state) noexcept;

/// wakegate.ClusterDemand without its wire format.
struct cluster_demand {
    std::string cluster;
    gate_state state = gate_state::unknown;
    std::uint32_t held = 0;
    std::uint32_t busy = 0;
    std::uint32_t idle = 0;
    bool idle_counts = false;
    std::optional<milliseconds> last_activity_age; ///< at the moment of sending
};

/// wakegate.DemandReport without its wire format.
struct demand_report {
    std::string proxy_id;
    std::uint64_t sequence = 0;
    bool snapshot = false;
    bool leaving = false;
    milliseconds lease{0};
    std::vector<cluster_demand> clusters;
    std::string proxy_name; ///< for people; several proxies may share one, or have none
};

} // namespace wakegate::scaler
