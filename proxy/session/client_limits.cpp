#include "proxy/session/client_limits.hpp"

#include <utility>

namespace wakegate::proxy {
namespace {

/// PostgreSQL cuts a longer name off here (NAMEDATALEN - 1): what is behind makes no other role.
constexpr std::size_t longest_role = 63;

} // namespace

limit_result per_source_limit::enter(const ip_address& source, quota_guards& places) {
    auto place = sources_.take(source_host_of(source));
    if (!place) {
        return limit_error{
            limit_errc::max_clients_per_source, canonical_address(source).to_string()
        };
    }
    places.of_source = std::move(*place);
    return {};
}

limit_result
cluster_limits::enter(std::string_view cluster, std::string_view role, quota_guards& places) {
    auto in_cluster = all_.take({});
    if (!in_cluster) {
        return limit_error{limit_errc::max_clients_of_cluster, std::string(cluster)};
    }
    if (!role.empty()) {
        auto as_role = roles_.take(std::string(role.substr(0, longest_role)));
        if (!as_role) {
            return limit_error{limit_errc::max_clients_per_role, std::string(role)};
        }
        places.of_role = std::move(*as_role);
    }
    places.of_cluster = std::move(*in_cluster);
    return {};
}

} // namespace wakegate::proxy
