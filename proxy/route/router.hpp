#pragma once

#include "common/host_port.hpp"
#include "proxy/route/name_pattern.hpp"
#include "proxy/route/name_template.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace wakegate::proxy {

/// One line of `routes`. The first four are patterns and may bind names; the last three are
/// templates. An empty pattern fits everything.
struct route {
    std::string listener; ///< no wildcards; placeholders
    std::string sni = {}; ///< the server name of the client's TLS; ignores case
    std::string database;
    std::string user = {};
    std::string cluster;
    host_port backend = {};            ///< no host: the cluster's own
    std::string backend_database = {}; ///< empty: the one the client names
};

/// What is known of a client after its startup message. Empty: not given.
struct route_request {
    std::string_view listener;
    std::string_view sni = {};
    std::string_view database;
    std::string_view user = {};
    std::optional<std::string_view> cluster = {}; ///< `options=--cluster=…`
};

/// Where a route leads.
struct route_target {
    std::string cluster;
    std::optional<host_port> backend; ///< nothing: the cluster's own
    std::string database;
};

/// No route fits: no such database (3D000).
struct no_route {};

/// A route fits, but the client names two different clusters (3D000).
struct route_conflict {
    std::string reason; ///< printable; of the configuration it tells at most a placeholder's name
};

using routing = std::variant<route_target, no_route, route_conflict>;

/// A route, checked and ready for use.
class compiled_route {
public:
    /// Throws `configuration_error` "KEY: 'TEXT': REASON…" when a pattern or template is malformed,
    /// when a template needs a name that no pattern binds, and when the client could choose the
    /// domain of the backend's host.
    explicit compiled_route(const route& from);

    /// Nothing when the route does not fit.
    [[nodiscard]] std::optional<routing> decide(const route_request& client) const;
    /// Whether it leads some client to this cluster. Values are in lower case, so capitals in a gap
    /// fit no client.
    [[nodiscard]] bool may_lead_to(std::string_view cluster) const;
    /// The route's backend for the cluster, as far as the cluster's name determines it; nothing
    /// when the route does not lead there, or to the cluster's own.
    [[nodiscard]] std::optional<host_port> backend_of(std::string_view cluster) const;

private:
    [[nodiscard]] bool takes_option_for_sni(const route_request& client) const noexcept;
    [[nodiscard]] std::optional<std::vector<captures>> match(const route_request& client) const;
    [[nodiscard]] routing target(const route_request& client, const name_bindings& bound) const;

    std::optional<name_pattern> listener_;
    std::optional<name_pattern> sni_;
    std::optional<name_pattern> database_;
    std::optional<name_pattern> user_;
    name_template cluster_;
    name_pattern cluster_read_back_; ///< the same text, matched against `--cluster=NAME`
    std::optional<name_template> backend_host_;
    std::uint16_t backend_port_ = 0;
    std::optional<name_template> backend_database_;
    bool option_suffices_ = false; ///< `--cluster` binds all names, without the SNI
};

/// From where a client comes and what it asks for, to its cluster. The first route that fits wins,
/// so the order of the file is the precedence.
///
/// A name has one value: when SNI, database, user and `--cluster` bind it to different ones the
/// client is refused, and no later route is tried. `--cluster=NAME` must be the cluster that the
/// rest leads to; only where a route asks for an SNI and the client has none it replaces the SNI,
/// and names are read back out of NAME. Immutable; any thread.
class router {
public:
    /// Throws `configuration_error` as `compiled_route` does, with "routes[N]." in front.
    explicit router(const std::vector<route>& routes);

    [[nodiscard]] routing decide(const route_request& client) const;
    /// All other backends that routes have for the cluster.
    [[nodiscard]] std::vector<host_port> backends_of(std::string_view cluster) const;

private:
    std::vector<compiled_route> routes_;
};

} // namespace wakegate::proxy
