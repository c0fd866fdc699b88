#pragma once

#include "proxy/net/front_socket.hpp"
#include "proxy/tls/server_context.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <memory>
#include <string>

namespace wakegate::proxy {

/// A client's connection on the front.
class client_socket : public front_socket {
public:
    using front_socket::front_socket;

    /// The handshake, as the server. False when it came to nothing; `tls` knows why.
    [[nodiscard]] boost::asio::awaitable<bool>
    secure(std::shared_ptr<const tls::server_context> context);

    /// The client's address; unspecified when it has gone.
    [[nodiscard]] boost::asio::ip::address source() const;
    /// The client's address, for people; or "gone".
    [[nodiscard]] std::string host() const;
    /// With its port.
    [[nodiscard]] std::string peer() const;
};

} // namespace wakegate::proxy
