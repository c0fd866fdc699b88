#pragma once

#include "common/host_port.hpp"

#include <boost/asio/awaitable.hpp>

#include <cstddef>
#include <string>
#include <vector>

namespace wakegate::proxy {

/// Addresses that one request is forwarded to.
inline constexpr std::size_t max_peers = 16;

/// Forwards a CancelRequest to every address that `peers` have now, `max_peers` at most and all at
/// the same time, since any of them may have the session; the others ignore it. Waits until each
/// has processed it and closed the connection, or some seconds have passed.
[[nodiscard]] boost::asio::awaitable<void>
forward_to_peers(std::vector<host_port> peers, std::string key);

} // namespace wakegate::proxy
