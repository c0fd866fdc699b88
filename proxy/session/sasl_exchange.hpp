#pragma once

#include "common/clock.hpp"
#include "proxy/auth/scram_server.hpp"
#include "proxy/net/client_socket.hpp"
#include "proxy/session/auth_error.hpp"

#include <boost/asio/awaitable.hpp>

#include <functional>

namespace wakegate::proxy {

/// Called when a proof has come; an error: do not check the proof.
using throttle_check = std::function<auth_result<>()>;

/// SCRAM-SHA-256 with the client, or SCRAM-SHA-256-PLUS through TLS, within `timeout`; costs the
/// same for every role. Gives the keys of a client that has proved that it knows the password. The
/// client has AuthenticationSASLFinal by then but not AuthenticationOk: in its place an error makes
/// libpq and others try their next host.
///
/// A client that leaves at the first request is psql asking for the password, no failure. There is
/// no co_await between the throttle check, the check of the proof and the returned error.
[[nodiscard]] boost::asio::awaitable<auth_result<auth::scram_login_keys>> sasl_exchange(
    client_socket& client, auth::scram_account subject, milliseconds timeout, throttle_check check
);

} // namespace wakegate::proxy
