#include "proxy/cluster/connection_limits.hpp"

#include <utility>

namespace wakegate::proxy {
namespace {

/// PostgreSQL truncates names to this (NAMEDATALEN - 1): the rest makes no other role.
constexpr std::size_t max_role_length = 63;

} // namespace

limit_result per_source_limit::acquire(const ip_address& source, quota_guards& guards) {
    auto guard = sources_.try_acquire(source_host_of(source));
    if (!guard) {
        return limit_error{
            limit_errc::max_clients_per_source, canonical_address(source).to_string()
        };
    }
    guards.source = std::move(*guard);
    return {};
}

limit_result
cluster_limits::acquire(std::string_view cluster, std::string_view role, quota_guards& guards) {
    auto of_cluster = all_.try_acquire({});
    if (!of_cluster) {
        return limit_error{limit_errc::max_clients_of_cluster, std::string(cluster)};
    }
    if (!role.empty()) {
        auto of_role = roles_.try_acquire(std::string(role.substr(0, max_role_length)));
        if (!of_role) {
            return limit_error{limit_errc::max_clients_per_role, std::string(role)};
        }
        guards.role = std::move(*of_role);
    }
    guards.cluster = std::move(*of_cluster);
    return {};
}

} // namespace wakegate::proxy
