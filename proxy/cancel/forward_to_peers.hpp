#pragma once

#include "common/host_port.hpp"

#include <boost/asio/awaitable.hpp>

#include <cstddef>
#include <string>
#include <vector>

namespace wakegate::proxy {

/// Addresses that one request is passed on to.
inline constexpr std::size_t max_peers = 16;

/// Passes a CancelRequest on to every address that `peers` have now, `max_peers` at most and all at
/// the same time, and waits until each has dealt with it (it hangs up) or some seconds have passed:
/// nobody knows which address is whose. Those whose key it is not do nothing.
[[nodiscard]] boost::asio::awaitable<void>
forward_to_peers(std::vector<host_port> peers, std::string key);

} // namespace wakegate::proxy
