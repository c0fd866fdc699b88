#pragma once

#include "proxy/backend/probe.hpp"

#include <boost/asio/ip/tcp.hpp>

#include <string>
#include <utility>
#include <vector>

namespace wakegate::proxy {

/// What libpq is told for one probe: keywords of its connection strings and their values. Nothing
/// in them makes it look a name up or read files of the user it runs as.
[[nodiscard]] std::vector<std::pair<const char*, std::string>>
connection_words(const probe_settings& settings, const boost::asio::ip::tcp::endpoint& endpoint);

} // namespace wakegate::proxy
