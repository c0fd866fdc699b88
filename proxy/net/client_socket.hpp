#pragma once

#include "proxy/net/async_socket.hpp"
#include "proxy/tls/server_context.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <memory>
#include <optional>
#include <string>

namespace wakegate::proxy {

/// A client's connection on its setup thread.
class client_socket : public async_socket {
public:
    using async_socket::async_socket;

    /// The next byte as the wire carries it, without taking it; nothing when no more will come.
    [[nodiscard]] boost::asio::awaitable<std::optional<char>> peek();
    /// Begins TLS, as the server. False when it failed; `tls` knows why.
    [[nodiscard]] boost::asio::awaitable<bool>
    secure(std::shared_ptr<const tls::server_context> context);

    /// Both ends of the client's connection. Unspecified: unknown.
    struct connection_addresses {
        boost::asio::ip::tcp::endpoint client;
        boost::asio::ip::tcp::endpoint gate;
    };

    /// A load balancer carries the client's bytes and has sent its addresses (PROXY protocol). The
    /// functions below return these from now on.
    void set_proxied_addresses(const connection_addresses& header_addresses) {
        header_addresses_ = std::make_unique<const connection_addresses>(header_addresses);
    }

    /// The connection's own, or those of a PROXY header; unspecified when the client had gone by
    /// the first call.
    [[nodiscard]] connection_addresses addresses() const;
    /// The client's address and port.
    [[nodiscard]] boost::asio::ip::tcp::endpoint source_endpoint() const;
    /// The client's address.
    [[nodiscard]] boost::asio::ip::address source() const;
    /// The client's address as text; or "gone", or "unknown".
    [[nodiscard]] std::string host() const;
    /// With its port.
    [[nodiscard]] std::string peer() const;

private:
    /// The socket's peer; read once.
    [[nodiscard]] const boost::asio::ip::tcp::endpoint& other_end() const;

    std::unique_ptr<const connection_addresses>
        header_addresses_; ///< null: there was no PROXY header
    mutable boost::asio::ip::tcp::endpoint other_end_;
};

} // namespace wakegate::proxy
