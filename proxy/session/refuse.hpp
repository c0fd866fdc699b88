#pragma once

#include "proxy/net/client_socket.hpp"
#include "proxy/session/refusal_text.hpp"

#include <boost/asio/awaitable.hpp>

namespace wakegate::proxy {

/// The last words to a client, and a line in the log; done when it has hung up or has had the time
/// to read them.
[[nodiscard]] boost::asio::awaitable<void> refuse(client_socket& client, refusal_text text);

} // namespace wakegate::proxy
