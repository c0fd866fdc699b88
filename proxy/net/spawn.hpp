#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>

namespace wakegate::proxy {

/// Runs one connection's coroutine on a worker's front. Logs its exception as `session_failed`;
/// other sessions go on.
void spawn(boost::asio::io_context& front, boost::asio::awaitable<void> work);

} // namespace wakegate::proxy
