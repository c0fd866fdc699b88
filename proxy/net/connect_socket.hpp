#pragma once

#include "common/tcp_timeouts.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/system/error_code.hpp>

namespace wakegate::proxy {

/// Opens `socket` anew and connects it, for bytes that shall go out at once and a peer that is
/// missed when it goes (TCP_NODELAY, SO_KEEPALIVE, `timeouts`). Closed again after an error. All
/// arguments must outlive the call, which ends early when what waits on the socket is cancelled.
[[nodiscard]] boost::asio::awaitable<boost::system::error_code> connect_socket(
    boost::asio::ip::tcp::socket& socket,
    const boost::asio::ip::tcp::endpoint& endpoint,
    const tcp_timeouts& timeouts
);

} // namespace wakegate::proxy
