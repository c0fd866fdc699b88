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

/// One leg of a session while it is on the front: in the clear at first, and from `handshake` on
/// through TLS. Lives on the socket's executor. Each awaited call needs the object and its
/// arguments until it is done, and only one may be under way.
class async_socket {
public:
    explicit async_socket(boost::asio::ip::tcp::socket socket) : socket_(std::move(socket)) {}

    /// Some bytes of what the peer says; 0 when nothing comes any more: it has left, whatever
    /// waits on the socket has been cancelled (see `phase_deadline`), or its TLS is broken.
    [[nodiscard]] boost::asio::awaitable<std::size_t> read_some(std::span<char> room);
    /// All of `data`; false when the peer can't be told any more.
    [[nodiscard]] boost::asio::awaitable<bool> write(std::string_view data);
    /// Puts `stream`, which is on this socket's descriptor and has not begun, in front of it. False
    /// when it came to nothing; `tls` knows why.
    [[nodiscard]] boost::asio::awaitable<bool> handshake(std::unique_ptr<tls::tls_stream> stream);
    /// Something of the peer's waits to be read. It does not wait itself.
    [[nodiscard]] bool has_unread() const;
    /// Says goodbye, and sends no more. What the peer sends can still be read off `socket`.
    void shutdown_send();

    /// Why the last call gave nothing, for the log.
    [[nodiscard]] std::string error_message() const;

    [[nodiscard]] bool uses_tls() const noexcept { return tls_ != nullptr; }

    /// What there is to know of its TLS; null without.
    [[nodiscard]] const tls::tls_stream* tls() const noexcept { return tls_.get(); }

    /// For deadlines, watches, and whoever needs no more of the stream. What is read off it are
    /// bytes as the wire carries them.
    [[nodiscard]] boost::asio::ip::tcp::socket& socket() noexcept { return socket_; }

    [[nodiscard]] const boost::asio::ip::tcp::socket& socket() const noexcept { return socket_; }

    struct parts {
        file_descriptor socket; ///< blocking or not
        std::unique_ptr<tls::tls_stream> tls;
    };

    /// Leaves Asio for good.
    [[nodiscard]] parts release();

private:
    /// Until the socket is ready for what TLS wants next; false when that was cancelled.
    [[nodiscard]] boost::asio::awaitable<bool> await_readiness(bool for_room);

    boost::asio::ip::tcp::socket socket_;
    std::unique_ptr<tls::tls_stream> tls_;
    boost::system::error_code error_; ///< the last
    /// Something was written since the last read: what comes next is an answer to it, and is not
    /// there yet.
    bool answer_under_way_ = false;
};

} // namespace wakegate::proxy
