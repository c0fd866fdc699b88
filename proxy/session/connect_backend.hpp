#pragma once

#include "proxy/session/cluster.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <string>

namespace wakegate::proxy {

/// Leaves `server` connected to the cluster's backend and gives nothing; or leaves it closed and
/// gives the last address's reason, for the log. Each address has `connect_timeout`.
[[nodiscard]] boost::asio::awaitable<std::string>
connect_backend(boost::asio::ip::tcp::socket& server, const cluster_settings& settings);

} // namespace wakegate::proxy
