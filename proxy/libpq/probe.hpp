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
    /// As for sessions. A server that is not what it asks for is not ready: it may be somebody
    /// else's, at an address that was the cluster's before it fell asleep.
    tls::backend_settings tls;
    /// With credentials the probe logs in and asks; without, the server's answer to a login is
    /// enough.
    std::string user;
    std::string password_file; ///< see `read_password_file`; empty: no password
    std::string database = "postgres";
    /// Must give one row whose first column is true, beside `NOT pg_is_in_recovery()`.
    std::string ready_query;
    /// pg_control_system().system_identifier. After an unclean stop an address may belong to
    /// somebody else's server; with this it is never believed.
    std::string system_identifier;
};

struct probe_result {
    bool ready = false;
    /// How many sessions of any role the server takes, when the probe could ask: max_connections
    /// less `reserved_connections`.
    std::optional<std::size_t> connection_limit;
    /// superuser_reserved_connections and, since Postgres 16, the setting of this very name.
    std::size_t reserved_connections = 0;
    /// Not ready, and yet a Postgres is there: it did not let the probe log in, for a password that
    /// has changed or for want of room, or it asked for the password and took too long. Never with
    /// `system_identifier`, which only a login can compare: anybody's server refuses.
    bool refused = false;
    /// Why not ready, in words for a log; never holds a password.
    std::string reason;
};

/// Asks one server once, through libpq's asynchronous API: is a login answered? An accepted
/// connection alone proves nothing (meshes accept for pods that are gone), nor does 57P03. An
/// authentication request, a login or any other login error does. With `probe_settings::user` the
/// outcome is ready only when the login succeeds, the server is no standby and its queries agree.
///
/// Runs on the caller's executor and takes at most `timeout` in all. Never throws.
[[nodiscard]] boost::asio::awaitable<probe_result> probe(probe_settings settings);

/// The same of the server at the first of these addresses that is ready, until `deadline`: none of
/// them takes the time of those behind it to answer a login. The arguments outlive the call.
[[nodiscard]] boost::asio::awaitable<probe_result> probe_at(
    const probe_settings& settings,
    const std::vector<boost::asio::ip::tcp::endpoint>& addresses,
    time_point deadline
);

} // namespace wakegate::proxy
