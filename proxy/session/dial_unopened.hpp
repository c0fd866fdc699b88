#pragma once

#include "proxy/session/dial.hpp"

#include <boost/asio/awaitable.hpp>

#include <string>

namespace wakegate::proxy {

/// Connects to the cluster, sends `preface`, has it agree to TLS and replays `hello`, the client's
/// own, to it. `server_output` is what it answers to that, which nobody here can read: a server
/// that is starting up says so inside, to the client. `backend_tls` does not count, it is the
/// client that verifies. Only a server that is not there is silent for `login_timeout` here: the
/// login, and what may be slow in it, comes after the handshake.
[[nodiscard]] boost::asio::awaitable<backend_session> dial_unopened(
    const cluster_settings& settings, const std::string& preface, const std::string& hello
);

} // namespace wakegate::proxy
