#pragma once

#include <boost/asio/awaitable.hpp>

#include <string>

namespace wakegate::proxy {

struct session_surroundings;

/// Does what a client's CancelRequest asks for, as far as `key` is anybody's: stops the query at
/// its server, or has the peers look for it; and is done when that is. Whoever asked is told
/// nothing either way. A cancel wakes nothing and is never held.
[[nodiscard]] boost::asio::awaitable<void>
carry_cancel(session_surroundings& around, std::string key);

} // namespace wakegate::proxy
