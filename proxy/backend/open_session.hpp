#pragma once

#include "proxy/auth/role_table.hpp"
#include "proxy/backend/connect_error.hpp"
#include "proxy/backend/endpoint.hpp"
#include "proxy/backend/login_timeout_policy.hpp"
#include "proxy/net/async_socket.hpp"

#include <boost/asio/awaitable.hpp>

#include <string>
#include <variant>

namespace wakegate::proxy {

/// `auth: passthrough`: sends the client's startup message as it is, and reads the server's answer
/// up to the point where the client's part begins (see `wire::classify_login_reply`).
struct passthrough_login {
    const std::string& startup;
};

/// `auth: scram`: logs in with the keys recovered from the client's proof, or with the role's
/// password; with channel binding if there is TLS.
struct scram_login {
    const std::string& startup;
    const auth::backend_secret& secret;
    std::string nonce; ///< see `auth::scram_client::exchange_parameters`
};

/// TLS is between client and server: requests TLS and replays the client's own ClientHello. The
/// server's answer is encrypted, even if it says that the server is starting up. `endpoint.tls` is
/// ignored, since the client verifies the server. The login, which may be slow, comes after the
/// handshake, so a server that is silent here is not there.
struct tls_replay {
    const std::string& client_hello;
};

using login_strategy = std::variant<passthrough_login, scram_login, tls_replay>;

/// A server that has begun to answer.
struct backend_session {
    async_socket server;
    std::string received; ///< for the client; not empty
    /// With `scram_login`: the server has sent AuthenticationOk, and `received` is what followed.
    /// False: `received` is the ErrorResponse that came in its place.
    bool authenticated = false;
};

/// Connects, sends `proxy_header`, starts TLS and logs in. A server that is starting or stopping is
/// a retryable error, as long as the client has been sent nothing; any other answer, the server's
/// errors included, is for the client. Each phase has its deadline, the login that of `timeouts`.
/// All arguments outlive the call.
[[nodiscard]] boost::asio::awaitable<connect_result<backend_session>> open_session(
    const backend_endpoint& endpoint,
    const std::string& proxy_header,
    login_strategy strategy,
    login_timeout_policy& timeouts
);

} // namespace wakegate::proxy
