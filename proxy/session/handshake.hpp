#pragma once

#include "common/clock.hpp"
#include "proxy/net/client_socket.hpp"
#include "proxy/session/handshake_error.hpp"
#include "proxy/tls/listener_tls.hpp"
#include "proxy/wire/client_hello.hpp"
#include "proxy/wire/startup_decoder.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/system/result.hpp>

#include <variant>

namespace wakegate::proxy {

/// How long a client may take, and what it may ask for.
struct handshake_settings {
    milliseconds startup_timeout{10'000};   ///< for its first message, and again behind TLS's
    milliseconds tls_timeout{10'000};       ///< for the TLS handshake
    const tls::listener_tls* tls = nullptr; ///< null: TLS is off
    bool tls_passthrough = false;           ///< or the server's
};

template <typename T = void> using handshake_result = boost::system::result<T, handshake_error>;

/// What a client wants: a session, one whose TLS is the server's, or a query cancelled.
using client_request =
    std::variant<wire::startup_message, wire::client_hello, wire::cancel_request>;

/// The stages TLS and startup: from the client's first bytes to its startup message, through TLS if
/// both sides want it: after an SSLRequest, or at once (libpq 17's sslnegotiation=direct). Requests
/// for encryption are answered at once, always: some drivers wait only 5 s for that byte, however
/// long the rest may take. Nothing beyond the startup message is read, and nothing that came
/// unencrypted is taken for a part of what TLS protects. Where TLS passes through it ends with the
/// ClientHello, of which nothing is decrypted.
///
/// A wrong first message gets Postgres's answer: its error, or none where Postgres closes without
/// one (`malformed_startup`). An error there ends node-postgres's process when it calls connect()
/// and end() at once, so that Terminate is its first message.
///
/// Two answers differ from Postgres's on purpose. A client that takes longer than `startup_timeout`
/// is told so (08006), where Postgres closes silently. One that does not wait for the 'N' is
/// served, where Postgres says 08P01 when both messages came in one piece: nothing secret can be in
/// between.
[[nodiscard]] boost::asio::awaitable<handshake_result<client_request>>
handshake(client_socket& client, const handshake_settings& settings);

} // namespace wakegate::proxy
