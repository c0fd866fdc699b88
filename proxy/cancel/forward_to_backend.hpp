#pragma once

#include "proxy/cancel/cancel_target.hpp"

#include <boost/asio/awaitable.hpp>

namespace wakegate::proxy {

/// Sends a CancelRequest to the server that owns the key and waits until the server closes the
/// connection, which means that it has processed the request: a client that waits for our close
/// knows as much as without a gate. Wakes nothing, gives up after some seconds, and uses TLS where
/// sessions do. Protocol, "Canceling Requests in Progress".
///
/// Connects to the session's own server, even if the backend's name resolves to another by now.
[[nodiscard]] boost::asio::awaitable<void> forward_to_backend(cancel_target target);

} // namespace wakegate::proxy
