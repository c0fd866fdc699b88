#pragma once

#include "proxy/net/async_socket.hpp"
#include "proxy/session/client_error.hpp"
#include "proxy/session/cluster.hpp"
#include "proxy/session/login_timeout_policy.hpp"

#include <boost/asio/awaitable.hpp>

#include <optional>
#include <string>

namespace wakegate::proxy {

/// A server that has been given the startup message and has begun to answer, or why there is none.
struct backend_session {
    async_socket server;
    std::string server_output; ///< empty: not there, or not now; the session waits again
    std::string reason;        ///< of that, for the log
    /// The server is there and this client can't be served by it, for a reason that waiting does
    /// not cure.
    std::optional<client_error> refused = {};
    /// Of `dial_as`: the server has sent AuthenticationOk, and `server_output` is what followed it.
    /// False: `server_output` is the ErrorResponse that came in its place.
    bool authenticated = false;

    [[nodiscard]] bool answered() const noexcept { return !server_output.empty(); }
};

/// Connects to the cluster, sends `preface` and `startup` as they are and reads the server's answer
/// up to the point where the client's part begins (see `classify_login_reply`). As long as the
/// client has been told nothing, a server that is starting or stopping costs it nothing but time;
/// any other answer is the client's, errors included. Each phase has its deadline; that of the
/// login is `patience`'s.
[[nodiscard]] boost::asio::awaitable<backend_session> dial(
    const cluster_settings& settings,
    const std::string& preface,
    const std::string& startup,
    login_timeout_policy& patience
);

} // namespace wakegate::proxy
