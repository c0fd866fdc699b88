#pragma once

#include "proxy/backend/connect_error.hpp"
#include "proxy/backend/endpoint.hpp"
#include "proxy/net/async_socket.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <string>

namespace wakegate::proxy {

/// Connects `server` to the first of the backend's addresses that answers, each within
/// `connect_timeout`, and sends `proxy_header`, which may be empty. With several addresses the
/// error is the last one's. The connection is not encrypted yet.
[[nodiscard]] boost::asio::awaitable<connect_result<>> connect_backend(
    async_socket& server, const backend_endpoint& endpoint, const std::string& proxy_header
);

/// The same at one address, even if the backend's name resolves to others by now.
[[nodiscard]] boost::asio::awaitable<connect_result<>> connect_backend_at(
    async_socket& server,
    const boost::asio::ip::tcp::endpoint& address,
    const backend_endpoint& endpoint,
    const std::string& proxy_header
);

} // namespace wakegate::proxy
