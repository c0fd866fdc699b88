#pragma once

#include "proxy/net/client_socket.hpp"
#include "proxy/session/client_error.hpp"
#include "proxy/session/error_log.hpp"

#include <boost/asio/awaitable.hpp>

#include <string>

namespace wakegate::proxy {

/// Logs the error with `fields`, sends it in its `form` and ends the connection. Done when the
/// client has hung up or its time to read the error is over.
[[nodiscard]] boost::asio::awaitable<void>
send_error_and_close(client_socket& client, client_error error, error_log_fields fields);

/// Closes the connection of a client that does not speak the protocol, as Postgres does: with a
/// line in the log and no answer.
[[nodiscard]] boost::asio::awaitable<void>
close_without_answer(client_socket& client, std::string reason);

} // namespace wakegate::proxy
