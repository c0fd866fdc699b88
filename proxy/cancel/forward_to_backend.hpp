#pragma once

#include "proxy/cancel/cancel_target.hpp"

#include <boost/asio/awaitable.hpp>

namespace wakegate::proxy {

/// Sends a CancelRequest to the server that owns the key and waits until it has taken it (it says
/// so by hanging up), so that the client that waits for our end knows as much as without a gate.
/// Wakes nothing, answers nothing, and gives up after some seconds. By TLS where sessions go by
/// TLS. Protocol, "Canceling Requests in Progress".
///
/// To the address of the session's own server, wherever the backend's name leads by now.
[[nodiscard]] boost::asio::awaitable<void> forward_to_backend(cancel_target target);

} // namespace wakegate::proxy
