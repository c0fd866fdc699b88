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

/// Where a session goes, and what the server there is to read.
struct destination {
    cluster* target;
    const backend_endpoint* endpoint; ///< the cluster's, or the same with the route's own backend
    /// The client's, byte for byte unless it named its cluster in it or the route renames the
    /// database.
    wire::startup_message startup;
};

/// Makes the cluster's endpoints for the backends that routes have for it.
void add_endpoints(cluster& cluster, const router& routes);

/// By what a client has said to `listener`, in its startup message and, as `server_name`, in its
/// TLS. An error when no route fits, when the route leads to no cluster or to no endpoint of
/// it, and when the client names different clusters in different places.
[[nodiscard]] boost::system::result<destination, route_error> resolve_route(
    const router& routes,
    const cluster_map& clusters,
    std::string_view listener,
    std::string_view server_name,
    wire::startup_message startup
);

} // namespace wakegate::proxy
