#pragma once

#include "proxy/net/client_socket.hpp"

#include <string>

namespace wakegate::proxy {

/// The header of PROXY protocol version 2 that tells a server from where the client has come, and
/// to where: as far as it is known here, see `client_socket::addresses`.
[[nodiscard]] std::string proxy_header_for_client(const client_socket& client);

} // namespace wakegate::proxy
