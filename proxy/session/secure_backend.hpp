#pragma once

#include "proxy/net/front_socket.hpp"
#include "proxy/session/cluster.hpp"
#include "proxy/session/refusal_text.hpp"

#include <boost/asio/awaitable.hpp>

#include <optional>
#include <string>

namespace wakegate::proxy {

/// Why a server can't be spoken to. With `refused` it is there, but is not what `backend_tls` asks
/// for, which waiting does not cure; without, the session waits again.
struct setback {
    std::string reason; ///< for the log; empty: there is none
    std::optional<refusal_text> refused = {};
};

/// From a connected server to one that is asked for as little as the cluster's `backend_tls`
/// allows: SSLRequest, its answer, the handshake, within `login_timeout` (protocol, "SSL Session
/// Encryption"). Does nothing for a cluster without. The one byte of the answer is read and nothing
/// behind it, and whatever is there is held against the server, as in CVE-2021-23222.
[[nodiscard]] boost::asio::awaitable<setback>
secure_backend(front_socket& server, const cluster_settings& settings);

} // namespace wakegate::proxy
