#pragma once

#include "common/clock.hpp"
#include "proxy/auth/scram_server.hpp"
#include "proxy/net/client_socket.hpp"
#include "proxy/session/greet.hpp"
#include "proxy/session/refusal_text.hpp"

#include <boost/asio/awaitable.hpp>

#include <functional>
#include <optional>
#include <string>
#include <variant>

namespace wakegate::proxy {

/// The client has proved that it knows the role's password. It has been sent
/// AuthenticationSASLFinal and not yet AuthenticationOk: after an error in its place libpq and
/// others try their next host.
struct proved {
    auth::scram_login_keys keys;
};

using proof = std::variant<proved, refusal_text, left_early>;

/// Asked when a proof has come: why it is not to be judged.
using proof_objection = std::function<std::optional<refusal_text>()>;

/// SCRAM-SHA-256 with the client, or SCRAM-SHA-256-PLUS through TLS, within `timeout`; nothing of
/// it costs more for one role than for another. A client that leaves at the first question is a
/// psql that goes to ask for the password: nobody's failure. Nothing is awaited between the
/// objection, the judgement and a refusal's return.
[[nodiscard]] boost::asio::awaitable<proof> authenticate(
    client_socket& client,
    auth::scram_subject subject,
    std::string role,
    milliseconds timeout,
    proof_objection objection
);

} // namespace wakegate::proxy
