#pragma once

#include "scaler/state/demand_report.hpp"

#include <string>
#include <utility>

namespace wakegate::scaler::testing {

inline constexpr time_point start{std::chrono::hours(1)};

inline time_point at(milliseconds after_start) {
    return start + after_start;
}

inline cluster_demand quiet(std::string cluster) {
    return {.cluster = std::move(cluster), .state = gate_state::asleep, .last_activity_age = {}};
}

inline cluster_demand held(std::string cluster, std::uint32_t count) {
    auto demand = quiet(std::move(cluster));
    demand.state = gate_state::waking;
    demand.held = count;
    return demand;
}

inline cluster_demand busy(std::string cluster, std::uint32_t count) {
    auto demand = quiet(std::move(cluster));
    demand.state = gate_state::ready;
    demand.busy = count;
    return demand;
}

inline demand_report
snapshot(std::string proxy, std::uint64_t sequence, std::vector<cluster_demand> clusters) {
    return {
        .proxy_id = std::move(proxy),
        .sequence = sequence,
        .snapshot = true,
        .leaving = false,
        .lease = seconds(15),
        .clusters = std::move(clusters)
    };
}

inline demand_report
change(std::string proxy, std::uint64_t sequence, std::vector<cluster_demand> clusters) {
    auto report = snapshot(std::move(proxy), sequence, std::move(clusters));
    report.snapshot = false;
    return report;
}

inline demand_report last_report(std::string proxy, std::uint64_t sequence) {
    auto report = change(std::move(proxy), sequence, {});
    report.leaving = true;
    return report;
}

} // namespace wakegate::scaler::testing
