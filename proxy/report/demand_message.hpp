#pragma once

#include "common/clock.hpp"
#include "demand.pb.h"
#include "proxy/gate/gate_service.hpp"
#include "proxy/report/scaler_view.hpp"

namespace wakegate::proxy {

/// One cluster that is reported to scalers.
struct reported_cluster {
    gate_service* gate = nullptr;
    bool count_idle_sessions = false;
};

/// Adds the cluster's present demand to `message`. Times become ages, since machines do not share a
/// monotonic clock. Control thread.
void add_demand(DemandReport& message, const reported_cluster& cluster, time_point now);

/// A replica's status of one cluster; its periods become times, counted from `now`.
[[nodiscard]] cluster_status_at_scaler
to_cluster_status(const ClusterStatus& message, time_point now);

} // namespace wakegate::proxy
