#pragma once

#include "proxy/session/cancel_registry.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <vector>

namespace wakegate::proxy {

/// Carries a CancelRequest to the server that owns the key and waits until it has taken it (it says
/// so by hanging up), so that the client that waits for our end knows as much as without a gate.
/// Wakes nothing, answers nothing, and gives up after some seconds. By TLS where sessions go by
/// TLS. Protocol, "Canceling Requests in Progress".
///
/// To every address of the backend's name, one after the other: the session is at one of them, and
/// to the others the key says nothing.
[[nodiscard]] boost::asio::awaitable<void> forward_cancel(cancel_address whose);

/// The same to servers at these addresses.
[[nodiscard]] boost::asio::awaitable<void>
forward_cancel_to(std::vector<boost::asio::ip::tcp::endpoint> addresses, cancel_address whose);

} // namespace wakegate::proxy
