#pragma once

#include "common/host_port.hpp"
#include "common/tcp_timeouts.hpp"
#include "proxy/net/worker.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>

#include <functional>
#include <memory>
#include <string_view>
#include <vector>

namespace wakegate::proxy {

/// Accepts on every address of one listener, on one worker's front, and gives each connection to
/// the worker with the fewest: sessions live long, and the kernel's own spreading (SO_REUSEPORT)
/// never evens out. Connections for that front change no thread. Destroy it when that front has
/// stopped.
class acceptor {
public:
    /// Called on `home`; the socket already belongs to the worker's front.
    using accept_handler = std::function<void(boost::asio::ip::tcp::socket, worker&)>;

    /// `timeouts`: of the connections. Throws `configuration_error` when it can listen on none of
    /// the addresses; `purpose` is the key.
    acceptor(
        boost::asio::io_context& home,
        std::string_view purpose,
        const host_port& address,
        const tcp_timeouts& timeouts,
        std::vector<std::unique_ptr<worker>>& workers,
        accept_handler hand_over
    );
    acceptor(const acceptor&) = delete;
    acceptor& operator=(const acceptor&) = delete;

    /// Any thread.
    void start();
    /// Any thread. Accepts no more. The kernel resets connections it has queued.
    void stop();
    /// One for each bound address.
    [[nodiscard]] std::vector<boost::asio::ip::tcp::endpoint> local_endpoints() const;

private:
    struct listening_socket {
        boost::asio::ip::tcp::acceptor acceptor;
        boost::asio::steady_timer pause;
    };

    void accept(listening_socket& from);
    void accept_later(listening_socket& from, const boost::system::error_code& error);

    boost::asio::io_context& home_;
    std::vector<listening_socket> sockets_; ///< not moved once accepting has begun
    std::vector<std::unique_ptr<worker>>& workers_;
    accept_handler hand_over_;
};

} // namespace wakegate::proxy
