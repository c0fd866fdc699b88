#pragma once

#include "proxy/net/async_socket.hpp"
#include "proxy/tls/server_context.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <memory>
#include <optional>
#include <string>

namespace wakegate::proxy {

/// A client's connection on the front.
class client_socket : public async_socket {
public:
    using async_socket::async_socket;

    /// The next byte as the wire carries it, which stays where it is; nothing when nothing comes
    /// any more.
    [[nodiscard]] boost::asio::awaitable<std::optional<char>> peek();
    /// The handshake, as the server. False when it came to nothing; `tls` knows why.
    [[nodiscard]] boost::asio::awaitable<bool>
    secure(std::shared_ptr<const tls::server_context> context);

    /// From where the client has come to where. Unspecified: nobody knows.
    struct connection_addresses {
        boost::asio::ip::tcp::endpoint client;
        boost::asio::ip::tcp::endpoint gate;
    };

    /// Who sits at the other end is not the client but carries its bytes, and has told its ends
    /// (PROXY protocol). They are what the following know from now on.
    void set_proxied_addresses(const connection_addresses& header_addresses) {
        header_addresses_ = std::make_unique<const connection_addresses>(header_addresses);
    }

    /// The connection's own, unless somebody speaks for the client; unspecified when it had gone
    /// by the time that this was first asked.
    [[nodiscard]] connection_addresses addresses() const;
    /// The client's part of that.
    [[nodiscard]] boost::asio::ip::tcp::endpoint source_endpoint() const;
    /// Its address.
    [[nodiscard]] boost::asio::ip::address source() const;
    /// The client's address, for people; or "gone", or "unknown".
    [[nodiscard]] std::string host() const;
    /// With its port.
    [[nodiscard]] std::string peer() const;

private:
    /// The socket's peer; asked for once.
    [[nodiscard]] const boost::asio::ip::tcp::endpoint& other_end() const;

    std::unique_ptr<const connection_addresses>
        header_addresses_; ///< null: the client speaks for itself
    mutable boost::asio::ip::tcp::endpoint other_end_;
};

} // namespace wakegate::proxy
