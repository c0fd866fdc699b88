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

/// SSLRequest and handshake by `endpoint.tls`, within `login_timeout`; without it does nothing. The
/// connection stays unencrypted only where that is allowed and the server has declined TLS.
[[nodiscard]] boost::asio::awaitable<connect_result<>>
start_tls(async_socket& server, const backend_endpoint& endpoint);

} // namespace wakegate::proxy
