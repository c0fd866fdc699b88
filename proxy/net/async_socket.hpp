#pragma once

#include "proxy/relay/file_descriptor.hpp"
#include "proxy/tls/tls_stream.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace wakegate::proxy {

/// One leg of a session while it is on its setup thread: unencrypted at first, and TLS from
/// `handshake` on. Lives on the socket's executor. Each awaited call needs the object and its
/// arguments until it is done; only one may run at a time.
class async_socket {
public:
    explicit async_socket(boost::asio::ip::tcp::socket socket) : socket_(std::move(socket)) {}

    /// Some bytes from the peer; 0 when no more will come: the peer has left, waits on the socket
    /// were cancelled (see `phase_deadline`), or its TLS is broken.
    [[nodiscard]] boost::asio::awaitable<std::size_t> read_some(std::span<char> room);
    /// Writes all of `data`; false when the connection is broken.
    [[nodiscard]] boost::asio::awaitable<bool> write(std::string_view data);
    /// Begins TLS with `stream`, a fresh one on this socket's descriptor. False when the handshake
    /// failed; `tls` knows why.
    [[nodiscard]] boost::asio::awaitable<bool> handshake(std::unique_ptr<tls::tls_stream> stream);
    /// Whether bytes from the peer can be read. Does not wait.
    [[nodiscard]] bool has_unread() const;
    /// Sends the end (close_notify, FIN), and no more. `socket` can still be read.
    void shutdown_send();

    /// Why the last call failed, for the log.
    [[nodiscard]] std::string error_message() const;

    [[nodiscard]] bool uses_tls() const noexcept { return tls_ != nullptr; }

    /// The TLS stream; null without TLS.
    [[nodiscard]] const tls::tls_stream* tls() const noexcept { return tls_.get(); }

    /// For deadlines, watches, and callers that need no more of the stream. Reading it gives the
    /// bytes as the wire carries them.
    [[nodiscard]] boost::asio::ip::tcp::socket& socket() noexcept { return socket_; }

    [[nodiscard]] const boost::asio::ip::tcp::socket& socket() const noexcept { return socket_; }

    struct parts {
        file_descriptor socket; ///< may be blocking
        std::unique_ptr<tls::tls_stream> tls;
    };

    /// Takes it out of Asio.
    [[nodiscard]] parts release();

private:
    /// Waits until the socket is ready for what TLS wants next; false: cancelled.
    [[nodiscard]] boost::asio::awaitable<bool> await_readiness(bool for_room);

    boost::asio::ip::tcp::socket socket_;
    std::unique_ptr<tls::tls_stream> tls_;
    boost::system::error_code error_; ///< the last
    /// Something was written since the last read: the answer is probably not there yet, so wait
    /// before reading.
    bool answer_under_way_ = false;
};

} // namespace wakegate::proxy
