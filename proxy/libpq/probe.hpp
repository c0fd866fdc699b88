#pragma once

#include "common/clock.hpp"
#include "common/host_port.hpp"
#include "proxy/tls/backend_settings.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace wakegate::proxy {

struct probe_settings {
    host_port address;
    milliseconds timeout{1'000};
    /// As for sessions. A server that does not meet it is not ready: it may be another one, at an
    /// address that the cluster had before it slept.
    tls::backend_settings tls;
    /// With credentials the probe logs in and queries; without, any answer to a login is enough.
    std::string user;
    std::string password_file; ///< see `read_password_file`; empty: no password
    std::string database = "postgres";
    /// Must give one row whose first column is true, beside `NOT pg_is_in_recovery()`.
    std::string ready_query;
    /// pg_control_system().system_identifier; a server with another one is never ready. After an
    /// unclean stop an address may belong to another cluster's server.
    std::string system_identifier;
};

struct probe_result {
    bool ready = false;
    /// How many sessions of any role the server takes, if the probe could query it:
    /// max_connections less `reserved_connections`.
    std::optional<std::size_t> connection_limit;
    /// superuser_reserved_connections and, since Postgres 16, the setting of this very name.
    std::size_t reserved_connections = 0;
    /// Not ready, but a Postgres is there: it rejected the probe's login (a changed password, no
    /// room), or asked for the password and took too long. Never with `system_identifier`, which
    /// only a login can compare: a refusal may come from any server.
    bool refused = false;
    /// Why not ready, for a log; never holds a password.
    std::string reason;
};

/// Tries one login at one server, through libpq's asynchronous API. Ready: the server answers with
/// an authentication request, a login, or any login error but 57P0x. An accepted connection alone
/// proves nothing (meshes accept for pods that are gone). With `probe_settings::user` the login has
/// to succeed, the server must be no standby, and its queries must agree.
///
/// Runs on the caller's executor and takes at most `timeout` in all. Never throws.
[[nodiscard]] boost::asio::awaitable<probe_result> probe(probe_settings settings);

/// The same at the first of these addresses that is ready, until `deadline`; each has its share of
/// the time to answer, see `per_address_deadline`. The arguments outlive the call.
[[nodiscard]] boost::asio::awaitable<probe_result> probe_at(
    const probe_settings& settings,
    const std::vector<boost::asio::ip::tcp::endpoint>& addresses,
    time_point deadline
);

} // namespace wakegate::proxy
