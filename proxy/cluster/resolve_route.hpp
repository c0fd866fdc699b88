#pragma once

#include "common/host_port.hpp"
#include "proxy/cluster/cluster.hpp"
#include "proxy/cluster/route_error.hpp"
#include "proxy/route/router.hpp"
#include "proxy/wire/startup_decoder.hpp"

#include <boost/system/result.hpp>

#include <string>
#include <string_view>

namespace wakegate::proxy {

/// Where a session goes, and its startup message for the server.
struct destination {
    cluster* target;
    const backend_endpoint* endpoint; ///< the cluster's, or the same with the route's own backend
    /// The client's bytes, unchanged unless it named its cluster there or the route renames the
    /// database.
    wire::startup_message startup;
};

/// Makes the cluster's endpoints for the backends that routes have for it.
void add_endpoints(cluster& cluster, const router& routes);

/// Finds the route by what the client sent to `listener`: the startup message and, from TLS,
/// `server_name`. An error when no route fits, when it leads to no cluster or to no endpoint of it,
/// and when the client names different clusters.
[[nodiscard]] boost::system::result<destination, route_error> resolve_route(
    const router& routes,
    const cluster_map& clusters,
    std::string_view listener,
    std::string_view server_name,
    wire::startup_message startup
);

} // namespace wakegate::proxy
