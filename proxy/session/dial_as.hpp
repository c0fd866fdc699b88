#pragma once

#include "proxy/auth/role_table.hpp"
#include "proxy/session/dial.hpp"
#include "proxy/wire/startup_decoder.hpp"

#include <boost/asio/awaitable.hpp>

#include <string>

namespace wakegate::proxy {

/// What a server is sent for a client that has proved itself to the proxy: protocol 3.0 and all of
/// the client's parameters but `_pq_.` options, which the proxy has settled with the client.
[[nodiscard]] std::string startup_for_server(const wire::startup_message& startup);

/// Connects to the cluster, sends `preface` and `startup` and logs in as `role`, with the keys its
/// proof has yielded or its password, bound to the TLS connection if there is one. `server_output`
/// begins after the server's AuthenticationOk, see `backend_session::authenticated`.
[[nodiscard]] boost::asio::awaitable<backend_session> dial_as(
    const cluster_settings& settings,
    const std::string& preface,
    const std::string& startup,
    const std::string& role,
    const auth::backend_secret& secret,
    login_timeout_policy& patience
);

} // namespace wakegate::proxy
