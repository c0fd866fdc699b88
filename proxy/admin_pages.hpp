#pragma once

#include "common/admin_http.hpp"
#include "proxy/metrics.hpp"
#include "proxy/reloaded_files.hpp"
#include "proxy/report/reporter.hpp"
#include "proxy/session/resolve_route.hpp"
#include "proxy/verifiers/verifier_store.hpp"

namespace wakegate::proxy {

/// What the pages tell of; all of it outlives them.
struct admin_sources {
    metrics& counters;
    const cluster_map& clusters;
    const verifier_store* verifiers; ///< null: no server is asked for its roles
    const reloaded_files& files;
    const reporter& reports;
    const bool& draining;
};

/// /metrics, /healthz and /readyz. Ready: a scaler hears this proxy, if it is to report to any, and
/// it does not drain. They are made on the control thread.
[[nodiscard]] admin_http::pages admin_pages(const admin_sources& sources);

} // namespace wakegate::proxy
