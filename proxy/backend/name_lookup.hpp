#pragma once

#include "common/host_port.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <vector>

namespace wakegate::proxy {

/// The addresses a name has now, asked anew each time: a woken cluster may stand elsewhere. Literal
/// addresses are answered without a thread or a system call. Empty when there is none; the reason
/// is of no use to a caller that tries again anyway.
[[nodiscard]] boost::asio::awaitable<std::vector<boost::asio::ip::tcp::endpoint>>
look_up(host_port address);

} // namespace wakegate::proxy
