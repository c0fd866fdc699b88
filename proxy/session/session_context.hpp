#pragma once

#include "common/clock.hpp"
#include "proxy/cancel/cancel_service.hpp"
#include "proxy/cluster/connection_limits.hpp"
#include "proxy/cluster/resolve_route.hpp"
#include "proxy/route/router.hpp"
#include "proxy/session/held_sessions.hpp"
#include "proxy/session/login_limiter.hpp"
#include "proxy/session/refusal_log_limit.hpp"

#include <functional>
#include <string_view>
#include <vector>

namespace wakegate::proxy {

/// Shared by all sessions: services and limits, which any thread may use, and immutable settings.
/// Outlives every session.
struct session_context {
    router routes;
    cluster_map clusters;
    cancel_service cancels;
    login_limiter logins;
    per_source_limit source_limit;
    std::vector<setup_thread_clients> clients = {};    ///< one for each worker
    refusal_log_limit login_log = refusal_log_limit(); ///< of refused logins
    milliseconds startup_timeout{10'000};
    milliseconds authentication_timeout{10'000};
    milliseconds tls_timeout{10'000};
    /// Any thread. Counts a refusal that no gate counts.
    std::function<void(std::string_view cluster, std::string_view sqlstate)> count_refusal;
};

} // namespace wakegate::proxy
