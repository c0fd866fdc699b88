#pragma once

#include "proxy/net/async_socket.hpp"
#include "proxy/session/client_error.hpp"
#include "proxy/session/cluster.hpp"

#include <boost/asio/awaitable.hpp>

#include <optional>
#include <string>

namespace wakegate::proxy {

/// Why a server can't be spoken to. With `refused` it is there, but is not what `backend_tls` asks
/// for, which waiting does not cure; without, the session waits again.
struct connect_failure {
    std::string reason; ///< for the log; empty: there is none
    std::optional<client_error> refused = {};
};

/// What comes of the request for TLS.
struct tls_answer {
    connect_failure met;
    bool agreed = false; ///< the handshake comes next
};

/// SSLRequest and its answer (protocol, "SSL Session Encryption"). The one byte of that is read and
/// nothing behind it, and whatever is there is held against the server, as in CVE-2021-23222.
/// Whoever calls has a deadline on the socket.
[[nodiscard]] boost::asio::awaitable<tls_answer>
ask_for_tls(async_socket& server, const cluster_settings& settings);

/// For when it declines and must not.
[[nodiscard]] connect_failure no_tls_offered(const cluster_settings& settings);

/// From a connected server to one that is asked for as little as the cluster's `backend_tls`
/// allows, asking and handshake within `login_timeout`. Does nothing for a cluster without.
[[nodiscard]] boost::asio::awaitable<connect_failure>
secure_backend(async_socket& server, const cluster_settings& settings);

} // namespace wakegate::proxy
