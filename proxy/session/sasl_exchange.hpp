#pragma once

#include "common/clock.hpp"
#include "proxy/auth/scram_server.hpp"
#include "proxy/net/client_socket.hpp"
#include "proxy/session/auth_error.hpp"

#include <boost/asio/awaitable.hpp>

#include <functional>

namespace wakegate::proxy {

/// Asked when a proof has come: an error when it is not to be judged.
using throttle_check = std::function<auth_result<>()>;

/// SCRAM-SHA-256 with the client, or SCRAM-SHA-256-PLUS through TLS, within `timeout`; nothing of
/// it costs more for one role than for another. Gives the keys of a client that has proved that it
/// knows the role's password. It has been sent AuthenticationSASLFinal and not yet
/// AuthenticationOk: after an error in its place libpq and others try their next host.
///
/// A client that leaves at the first question is a psql that goes to ask for the password, and no
/// failure. Nothing is awaited between the check, the judgement and an error's return.
[[nodiscard]] boost::asio::awaitable<auth_result<auth::scram_login_keys>> sasl_exchange(
    client_socket& client, auth::scram_account subject, milliseconds timeout, throttle_check check
);

} // namespace wakegate::proxy
