#pragma once

#include "common/admin_http.hpp"
#include "proxy/metrics.hpp"
#include "proxy/report/reporter.hpp"
#include "proxy/session/destination.hpp"

namespace wakegate::proxy {

/// What the pages tell of; all of it outlives them.
struct admin_sources {
    metrics& counters;
    const cluster_map& clusters;
    const reporter& reports;
    const bool& draining;
};

/// /metrics, /healthz and /readyz. Ready: a scaler hears this proxy, if it is to report to any, and
/// it does not drain. They are made on the control thread.
[[nodiscard]] admin_http::pages admin_pages(const admin_sources& sources);

} // namespace wakegate::proxy
