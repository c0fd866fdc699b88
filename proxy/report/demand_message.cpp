#include "proxy/report/demand_message.hpp"

#include <algorithm>
#include <cstdint>

namespace wakegate::proxy {
namespace {

ClusterDemand::State to_wire(gate_state state) {
    switch (state) {
    case gate_state::unknown:
        return ClusterDemand::UNKNOWN;
    case gate_state::asleep:
        return ClusterDemand::ASLEEP;
    case gate_state::waking:
        return ClusterDemand::WAKING;
    case gate_state::ready:
        return ClusterDemand::READY;
    case gate_state::draining:
        return ClusterDemand::DRAINING;
    }
    return ClusterDemand::UNKNOWN;
}

scaler_answer from_wire(ClusterStatus::Answer answer) {
    switch (answer) {
    case ClusterStatus::ACTIVE:
        return scaler_answer::active;
    case ClusterStatus::IDLE:
        return scaler_answer::idle;
    default: // also an answer of a newer scaler
        return scaler_answer::unknown;
    }
}

/// Longer periods are cut to this, so that no sum overflows.
constexpr std::uint64_t max_period_ms = std::uint64_t{1000} * 60 * 60 * 24 * 365;

time_point after(time_point now, std::uint64_t ms) {
    return now + milliseconds(std::min(ms, max_period_ms));
}

} // namespace

void add_demand(DemandReport& message, const reported_cluster& cluster, time_point now) {
    const auto demand = cluster.gate->demand();
    auto& entry = *message.add_clusters();
    entry.set_cluster(cluster.gate->name());
    // A draining gate may still be waking its cluster for those who wait; that must not be hidden.
    entry.set_state(demand.waking ? ClusterDemand::WAKING : to_wire(demand.state));
    entry.set_held(static_cast<std::uint32_t>(demand.held));
    entry.set_busy(static_cast<std::uint32_t>(demand.busy));
    entry.set_idle(static_cast<std::uint32_t>(demand.idle));
    entry.set_idle_counts(cluster.count_idle_sessions);
    if (demand.last_activity) {
        // The relays' coarse clock may be ahead of or behind this thread's.
        const auto age = std::max(now - *demand.last_activity, duration::zero());
        const auto ms = std::chrono::duration_cast<milliseconds>(age).count();
        entry.set_last_activity_age_ms(static_cast<std::uint64_t>(ms));
    }
}

cluster_status_at_scaler to_cluster_status(const ClusterStatus& message, time_point now) {
    cluster_status_at_scaler status{
        .answer = from_wire(message.answer()),
        .reason = message.reason(),
        .scaled_objects = message.scaled_objects(),
        .received_at = now,
    };
    if (message.has_idle_in_ms()) {
        status.idle_at = after(now, message.idle_in_ms());
    }
    if (message.has_sleeps_in_ms()) {
        status.sleeps_at = after(now, message.sleeps_in_ms());
    }
    return status;
}

} // namespace wakegate::proxy
