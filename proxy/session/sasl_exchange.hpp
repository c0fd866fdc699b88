#pragma once

#include "common/clock.hpp"
#include "proxy/auth/scram_server.hpp"
#include "proxy/net/client_socket.hpp"
#include "proxy/session/client_error.hpp"
#include "proxy/session/handshake.hpp"

#include <boost/asio/awaitable.hpp>

#include <functional>
#include <optional>
#include <string>
#include <variant>

namespace wakegate::proxy {

/// The client has proved that it knows the role's password. It has been sent
/// AuthenticationSASLFinal and not yet AuthenticationOk: after an error in its place libpq and
/// others try their next host.
struct sasl_success {
    auth::scram_login_keys keys;
};

using sasl_result = std::variant<sasl_success, client_error, client_disconnected>;

/// Asked when a proof has come: why it is not to be judged.
using throttle_check = std::function<std::optional<client_error>()>;

/// SCRAM-SHA-256 with the client, or SCRAM-SHA-256-PLUS through TLS, within `timeout`; nothing of
/// it costs more for one role than for another. A client that leaves at the first question is a
/// psql that goes to ask for the password: nobody's failure. Nothing is awaited between the
/// objection, the judgement and a refusal's return.
[[nodiscard]] boost::asio::awaitable<sasl_result> sasl_exchange(
    client_socket& client,
    auth::scram_account subject,
    std::string role,
    milliseconds timeout,
    throttle_check objection
);

} // namespace wakegate::proxy
