#pragma once

#include "common/clock.hpp"
#include "proxy/auth/role_book.hpp"
#include "proxy/net/client_socket.hpp"
#include "proxy/session/cluster.hpp"
#include "proxy/session/greet.hpp"
#include "proxy/session/login_cause.hpp"
#include "proxy/session/login_guard.hpp"
#include "proxy/session/refusal_text.hpp"
#include "proxy/wire/startup_decoder.hpp"

#include <boost/asio/awaitable.hpp>

#include <cstdint>
#include <memory>
#include <variant>

namespace wakegate::proxy {

/// With what to log in at the server in the client's name.
using identity = std::unique_ptr<const auth::backend_secret>;

struct identified {
    identity who;           ///< never null
    std::uint32_t protocol; ///< that was agreed on with the client
};

/// May not log in. Of the cause the client is told nothing that `text` does not say.
struct login_denied {
    refusal_text text;
    login_cause cause;
};

using identification = std::variant<identified, login_denied, left_early>;

/// Settles the protocol with a client of an `auth: scram` cluster and has it prove that it is the
/// role it names, within `timeout`. Whoever guesses too often is refused before that costs
/// anything. The client is still to be sent its AuthenticationOk. What is known of the role is what
/// an awake server says now, so a role or a password that was just made or changed works at the
/// first try. A failure while nobody of the cluster is known is no guess, see `login_guard`.
[[nodiscard]] boost::asio::awaitable<identification> identify(
    client_socket& client,
    const cluster& where,
    const wire::startup_message& startup,
    login_guard& logins,
    milliseconds timeout
);

} // namespace wakegate::proxy
