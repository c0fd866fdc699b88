#pragma once

#include "common/cidr.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <string>

namespace wakegate::proxy {

struct session_surroundings;

/// Does what a client's CancelRequest asks for, as far as `key` is anybody's and the client's
/// network has not sent too many: stops the query at its server, or has the peers look for it; and
/// is done when that is. Whoever asked is told nothing either way. A cancel wakes nothing and is
/// never held.
[[nodiscard]] boost::asio::awaitable<void>
carry_cancel(session_surroundings& around, ip_address from, std::string key);

/// The same for one that a peer has passed on, from its connection to its end. It goes no further.
/// Anything else that is said there is not answered.
[[nodiscard]] boost::asio::awaitable<void>
serve_peer(session_surroundings& around, boost::asio::ip::tcp::socket peer);

} // namespace wakegate::proxy
