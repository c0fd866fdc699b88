#pragma once

#include "common/clock.hpp"
#include "proxy/net/client_socket.hpp"
#include "proxy/session/client_error.hpp"
#include "proxy/tls/listener_tls.hpp"
#include "proxy/wire/client_hello.hpp"
#include "proxy/wire/startup_decoder.hpp"

#include <boost/asio/awaitable.hpp>

#include <string>
#include <variant>

namespace wakegate::proxy {

/// What a client may take its time for, and what it may ask for.
struct handshake_settings {
    milliseconds startup_timeout{10'000}; ///< for its first words, and again behind a TLS handshake
    milliseconds tls_timeout{10'000};     ///< for that handshake
    const tls::listener_tls* tls = nullptr; ///< null: TLS is off
    bool tls_passthrough = false;           ///< or the server's
};

/// The client left before it said what it wants; nobody needs to hear of it (health checks do it).
struct client_disconnected {};

/// There is no way to tell the client more than its TLS library has been told.
struct tls_failed {
    std::string reason;
};

/// What stands in front of a client's words (PROXY protocol) is not to be believed, or is missing;
/// nothing is to be answered to that.
struct proxy_header_rejected {
    std::string reason;
};

using handshake_result = std::variant<
    wire::startup_message,
    wire::client_hello,
    wire::cancel_request,
    wire::malformed_startup,
    client_error,
    client_disconnected,
    tls_failed,
    proxy_header_rejected>;

/// From the client's first words to the startup message, through TLS if both sides want it: after
/// an SSLRequest, or at once (libpq 17's sslnegotiation=direct). Requests for encryption are
/// answered at once, always: some drivers wait only 5 s for that byte, however long the rest may
/// take. Nothing beyond the startup message is read, and nothing that came in the clear is taken
/// for a secured client's words. Where TLS passes through it ends with the first words of that, of
/// which nothing is opened.
///
/// A wrong first message gets Postgres's answer: its error, or none where Postgres closes without
/// one (`malformed_startup`). An error there ends node-postgres's process when it calls connect()
/// and end() at once, so that Terminate is its first message.
///
/// Two answers are not Postgres's, on purpose. Whoever takes longer than `startup_timeout` is told
/// so (08006), where Postgres closes silently. Who does not wait for the 'N' is served, where
/// Postgres says 08P01 when both messages came in one piece: nothing secret can be in between.
[[nodiscard]] boost::asio::awaitable<handshake_result>
handshake(client_socket& client, const handshake_settings& rules);

} // namespace wakegate::proxy
