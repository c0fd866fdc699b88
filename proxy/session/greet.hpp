#pragma once

#include "common/clock.hpp"
#include "proxy/session/refusal_text.hpp"
#include "proxy/wire/startup_decoder.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <variant>

namespace wakegate::proxy {

/// The client left before it said what it wants; nobody needs to hear of it (health checks do it).
struct left_early {};

using greeting =
    std::variant<wire::startup_message, wire::cancel_request, refusal_text, left_early>;

/// From accept to the startup message, within `timeout`. Requests for encryption are answered at
/// once, always: some drivers wait only 5 s for that byte, however long the rest may take. Nothing
/// beyond the startup message is read.
[[nodiscard]] boost::asio::awaitable<greeting>
greet(boost::asio::ip::tcp::socket& client, milliseconds timeout);

} // namespace wakegate::proxy
