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
    milliseconds startup_timeout{10'000};   ///< for the first message; again behind TLS
    milliseconds tls_timeout{10'000};       ///< for the TLS handshake
    const tls::listener_tls* tls = nullptr; ///< null: TLS is off
    bool tls_passthrough = false;           ///< TLS is between client and server
};

template <typename T = void> using handshake_result = boost::system::result<T, handshake_error>;

/// What a client wants: a session, one whose TLS passes through, or a cancel.
using client_request =
    std::variant<wire::startup_message, wire::client_hello, wire::cancel_request>;

/// The stages TLS and startup: from the first byte to the startup message, through TLS if both
/// sides want it: after an SSLRequest, or at once (libpq 17's sslnegotiation=direct). A request for
/// encryption always gets its answer at once: some drivers wait only 5 s for that byte. Reads
/// nothing beyond the startup message, and takes nothing unencrypted for part of what TLS protects.
/// Where TLS passes through it ends with the ClientHello, and decrypts nothing.
///
/// A wrong first message gets Postgres's answer: its error, or none where Postgres closes without
/// one (`malformed_startup`). An error there ends node-postgres's process when it calls connect()
/// and end() at once, so that Terminate is its first message.
///
/// Two answers differ from Postgres's on purpose. A client slower than `startup_timeout` gets an
/// error (08006), where Postgres closes silently. A client that does not wait for the 'N' is
/// served, where Postgres answers 08P01 when both messages came in one piece: there is no secret
/// between them.
[[nodiscard]] boost::asio::awaitable<handshake_result<client_request>>
handshake(client_socket& client, const handshake_settings& settings);

} // namespace wakegate::proxy
