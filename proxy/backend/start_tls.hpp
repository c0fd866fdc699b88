#pragma once

#include "proxy/backend/connect_error.hpp"
#include "proxy/backend/endpoint.hpp"
#include "proxy/net/async_socket.hpp"
#include "proxy/net/phase_deadline.hpp"

#include <boost/asio/awaitable.hpp>

namespace wakegate::proxy {

/// SSLRequest and its answer (protocol, "SSL Session Encryption"): whether the server agrees. The
/// one byte of the answer is read and nothing behind it; a server that has sent more is not
/// trusted, as in CVE-2021-23222. `deadline` is on the server's socket.
[[nodiscard]] boost::asio::awaitable<connect_result<bool>>
request_tls(async_socket& server, const phase_deadline& deadline);

/// Request and handshake as `endpoint.tls` wants them, within `login_timeout`. Does nothing for an
/// endpoint without. Unencrypted afterwards only where that is allowed and the server has declined.
[[nodiscard]] boost::asio::awaitable<connect_result<>>
start_tls(async_socket& server, const backend_endpoint& endpoint);

} // namespace wakegate::proxy
