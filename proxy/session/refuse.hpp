#pragma once

#include "proxy/net/client_socket.hpp"
#include "proxy/session/entrance.hpp"
#include "proxy/session/refusal_notes.hpp"
#include "proxy/session/refusal_text.hpp"
#include "proxy/wire/startup_decoder.hpp"

#include <boost/asio/awaitable.hpp>

namespace wakegate::proxy {

/// The last words to a client, and a line in the log, with what `notes` knows; done when it has
/// hung up or has had the time to read them.
[[nodiscard]] boost::asio::awaitable<void>
refuse(client_socket& client, refusal_text text, refusal_notes notes);

/// A line in the log and no answer, as Postgres ends a connection that does not speak its protocol.
/// Done when the client has hung up or has had the time to see the end.
[[nodiscard]] boost::asio::awaitable<void>
close_silently(client_socket& client, const wire::malformed_startup& first_message);

/// What `refuse` does, in the form that a client of that listener understands by then.
[[nodiscard]] boost::asio::awaitable<void>
turn_away(client_socket& client, const entrance& by, refusal_text text, refusal_notes notes);

/// For a client that has begun TLS with a server it never reached: an alert is all that it
/// understands (RFC 8446, 6.2). The log has the reason.
[[nodiscard]] boost::asio::awaitable<void>
refuse_unopened(client_socket& client, refusal_text text, refusal_notes notes);

} // namespace wakegate::proxy
