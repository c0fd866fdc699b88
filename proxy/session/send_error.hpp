#pragma once

#include "proxy/net/client_socket.hpp"
#include "proxy/session/client_error.hpp"
#include "proxy/session/error_log.hpp"
#include "proxy/session/listener.hpp"
#include "proxy/wire/startup_decoder.hpp"

#include <boost/asio/awaitable.hpp>

namespace wakegate::proxy {

/// The last words to a client, and a line in the log, with what `notes` knows; done when it has
/// hung up or has had the time to read them.
[[nodiscard]] boost::asio::awaitable<void>
send_error(client_socket& client, client_error text, error_log_fields notes);

/// A line in the log and no answer, as Postgres ends a connection that does not speak its protocol.
/// Done when the client has hung up or has had the time to see the end.
[[nodiscard]] boost::asio::awaitable<void>
close_silently(client_socket& client, const wire::malformed_startup& first_message);

/// What `send_error` does, in the form that a client of that listener understands by then.
[[nodiscard]] boost::asio::awaitable<void> send_error_and_close(
    client_socket& client, const listener& listener, client_error text, error_log_fields notes
);

/// For a client that has begun TLS with a server it never reached: an alert is all that it
/// understands (RFC 8446, 6.2). The log has the reason.
[[nodiscard]] boost::asio::awaitable<void>
send_tls_alert(client_socket& client, client_error text, error_log_fields notes);

} // namespace wakegate::proxy
