#pragma once

#include "common/clock.hpp"
#include "proxy/net/client_socket.hpp"
#include "proxy/session/handshake.hpp"
#include "proxy/session/proxy_protocol_policy.hpp"

#include <boost/asio/awaitable.hpp>

namespace wakegate::proxy {

/// Reads the PROXY header in front of a client's first message, as far as `policy` wants one, and
/// not a byte more. From then on `client` has the address that the header gives it: its own for
/// LOCAL, an unspecified one when the header knows none. Nothing is ever answered to a header.
[[nodiscard]] boost::asio::awaitable<handshake_result<>>
read_proxy_header(client_socket& client, const proxy_protocol_policy& policy, milliseconds timeout);

} // namespace wakegate::proxy
