#pragma once

#include "proxy/libpq/server_connection.hpp"

#include <boost/asio/ip/tcp.hpp>

#include <string>
#include <utility>
#include <vector>

namespace wakegate::proxy {

/// libpq's connection parameters for one login: keywords and values. None makes it look a name up,
/// or read files of the user it runs as.
[[nodiscard]] std::vector<std::pair<const char*, std::string>>
connection_parameters(const server_login& login, const boost::asio::ip::tcp::endpoint& endpoint);

} // namespace wakegate::proxy
