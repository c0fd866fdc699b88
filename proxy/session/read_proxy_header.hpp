#pragma once

#include "common/clock.hpp"
#include "proxy/net/client_socket.hpp"
#include "proxy/session/handshake.hpp"
#include "proxy/session/proxy_protocol_policy.hpp"

#include <boost/asio/awaitable.hpp>

namespace wakegate::proxy {

/// Reads the PROXY header in front of a client's first message, as far as `policy` wants one, and
/// no byte more. Then `client` has the address from the header: its own for LOCAL, an unspecified
/// one for UNKNOWN. A header never gets an answer.
[[nodiscard]] boost::asio::awaitable<handshake_result<>>
read_proxy_header(client_socket& client, const proxy_protocol_policy& policy, milliseconds timeout);

} // namespace wakegate::proxy
