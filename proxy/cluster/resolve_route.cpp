#include "proxy/cluster/resolve_route.hpp"

#include "proxy/route/cluster_option.hpp"
#include "proxy/wire/messages.hpp"

#include <optional>
#include <utility>

namespace wakegate::proxy {
namespace {

constexpr std::string_view options_parameter = "options";
constexpr std::string_view database_parameter = "database";

/// Replaces all of that name, else the server would use an earlier one; an empty value removes
/// them.
void replace_parameter(
    wire::startup_message& startup, std::string_view name, const std::string& value
) {
    std::erase_if(startup.parameters, [name](const auto& each) { return each.first == name; });
    if (!value.empty()) {
        startup.parameters.emplace_back(name, value);
    }
}

/// What the server gets: without `--cluster`, and with the route's database.
void rewrite(
    wire::startup_message& startup, const cluster_option& option, const std::string& database
) {
    const bool is_renamed = database != startup.database();
    if (!option.cluster && !is_renamed) {
        return;
    }
    if (option.cluster) {
        replace_parameter(startup, options_parameter, option.remaining);
    }
    if (is_renamed) {
        replace_parameter(startup, database_parameter, database);
    }
    startup.raw = wire::startup_message_bytes(startup.protocol, startup.parameters);
}

/// Null when there is none: names bound in several ways can form a backend that is not the
/// cluster's.
const backend_endpoint*
find_endpoint(const cluster& target, const std::optional<host_port>& backend) {
    return backend ? target.endpoint_for(*backend) : &target.settings.endpoint;
}

} // namespace

void add_endpoints(cluster& cluster, const router& routes) {
    for (auto& backend : routes.backends_of(cluster.settings.name)) {
        cluster.endpoints.push_back(cluster.settings.endpoint);
        cluster.endpoints.back().backend = std::move(backend);
    }
}

boost::system::result<destination, route_error> resolve_route(
    const router& routes,
    const cluster_map& clusters,
    std::string_view listener,
    std::string_view server_name,
    wire::startup_message startup
) {
    const auto option = parse_cluster_option(startup.parameter(options_parameter));
    if (option.is_ambiguous) {
        return route_error{
            route_errc::contradicting_names, "the options name more than one cluster"
        };
    }
    const route_request request{
        .listener = listener,
        .sni = server_name,
        .database = startup.database(),
        .user = startup.user(),
        .cluster = option.cluster,
    };
    const auto routed = routes.decide(request);
    if (const auto* const conflict = std::get_if<route_conflict>(&routed)) {
        return route_error{route_errc::contradicting_names, conflict->reason};
    }
    route_error no_route{route_errc::no_route, std::string(startup.database())};
    const auto* const target = std::get_if<route_target>(&routed);
    if (target == nullptr) {
        return no_route;
    }
    const auto found = clusters.find(target->cluster);
    const auto* const endpoint =
        found == clusters.end() ? nullptr : find_endpoint(*found->second, target->backend);
    if (endpoint == nullptr) {
        return no_route;
    }
    rewrite(startup, option, target->database);
    return destination{found->second.get(), endpoint, std::move(startup)};
}

} // namespace wakegate::proxy
