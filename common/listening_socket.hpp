#pragma once

#include "common/host_port.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <string_view>

namespace wakegate {

/// Binds and listens. Throws `configuration_error` naming `purpose`, the address and the remedy
/// ("listeners.main: 127.0.0.1:6432: Address already in use; ...").
[[nodiscard]] boost::asio::ip::tcp::acceptor
listen_on(boost::asio::io_context& context, const host_port& address, std::string_view purpose);

} // namespace wakegate
