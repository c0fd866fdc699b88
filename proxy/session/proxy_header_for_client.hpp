#pragma once

#include "proxy/net/client_socket.hpp"

#include <string>

namespace wakegate::proxy {

/// The PROXY header (version 2) that gives a server the client's address and its destination, as
/// far as known, see `client_socket::addresses`.
[[nodiscard]] std::string proxy_header_for_client(const client_socket& client);

} // namespace wakegate::proxy
