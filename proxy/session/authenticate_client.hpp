#pragma once

#include "common/clock.hpp"
#include "proxy/auth/role_table.hpp"
#include "proxy/net/client_socket.hpp"
#include "proxy/session/client_error.hpp"
#include "proxy/session/cluster.hpp"
#include "proxy/session/handshake.hpp"
#include "proxy/session/login_cause.hpp"
#include "proxy/session/login_limiter.hpp"
#include "proxy/wire/startup_decoder.hpp"

#include <boost/asio/awaitable.hpp>

#include <cstdint>
#include <memory>
#include <variant>

namespace wakegate::proxy {

/// With what to log in at the server in the client's name.
using backend_credentials = std::unique_ptr<const auth::backend_secret>;

struct authenticated_client {
    backend_credentials who; ///< never null
    std::uint32_t protocol;  ///< that was agreed on with the client
};

/// May not log in. Of the cause the client is told nothing that `text` does not say.
struct login_denied {
    client_error text;
    login_cause cause;
};

using authentication_result = std::variant<authenticated_client, login_denied, client_disconnected>;

/// Settles the protocol with a client of an `auth: scram` cluster and has it prove that it is the
/// role it names, within `timeout`. Whoever guesses too often is refused before that costs
/// anything. The client is still to be sent its AuthenticationOk. What is known of the role is what
/// an awake server says now, so a role or a password that was just made or changed works at the
/// first try. A failure while nobody of the cluster is known is no guess, see `login_limiter`.
[[nodiscard]] boost::asio::awaitable<authentication_result> authenticate_client(
    client_socket& client,
    const cluster& where,
    const wire::startup_message& startup,
    login_limiter& logins,
    milliseconds timeout
);

} // namespace wakegate::proxy
