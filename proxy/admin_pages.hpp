#pragma once

#include "common/admin_http.hpp"
#include "proxy/cluster/resolve_route.hpp"
#include "proxy/metrics.hpp"
#include "proxy/reloaded_files.hpp"
#include "proxy/report/reporter.hpp"
#include "proxy/verifiers/verifier_store.hpp"

namespace wakegate::proxy {

/// Sources of the pages; all of them outlive the pages.
struct admin_sources {
    metrics& counters;
    const cluster_map& clusters;
    const verifier_store* verifiers; ///< null: no server is asked for its roles
    const reloaded_files& files;
    const reporter& reports;
    const bool& draining;
};

/// /metrics, /healthz and /readyz. Ready: at least one scaler is connected, if any is configured,
/// and the proxy does not drain. Built on the control thread.
[[nodiscard]] admin_http::pages admin_pages(const admin_sources& sources);

} // namespace wakegate::proxy
