#pragma once

#include "common/tcp_timeouts.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/system/error_code.hpp>

namespace wakegate::proxy {

/// Opens `socket` anew and connects it, with TCP_NODELAY, SO_KEEPALIVE and `timeouts`: bytes go out
/// at once, and a dead peer is noticed. Closed again after an error. All arguments must outlive the
/// call, which ends early when waits on the socket are cancelled.
[[nodiscard]] boost::asio::awaitable<boost::system::error_code> connect_socket(
    boost::asio::ip::tcp::socket& socket,
    const boost::asio::ip::tcp::endpoint& endpoint,
    const tcp_timeouts& timeouts
);

} // namespace wakegate::proxy
