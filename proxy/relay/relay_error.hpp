#pragma once

#include <cstdint>

namespace wakegate::proxy {

/// The errors that the relay itself sends to a client.
enum class relay_errc : std::uint8_t {
    draining,      ///< the proxy shuts down, and the session is between transactions
    login_timeout, ///< the client owes its login an answer, see `relay_start`
    server_lost,   ///< the server ended without an error of its own
};

struct relay_error {
    relay_errc code{};
    int system_error = 0; ///< errno of `server_lost`; 0: the server closed the connection
};

} // namespace wakegate::proxy
