#include "proxy/net/acceptor.hpp"

#include "common/clock.hpp"
#include "common/listening_socket.hpp"
#include "common/log.hpp"

#include <boost/asio/post.hpp>

#include <algorithm>
#include <utility>

namespace wakegate::proxy {
namespace {

/// Out of descriptors or memory: retry later, since some session may end. At once would spin.
constexpr auto accept_pause = milliseconds(100);

} // namespace

acceptor::acceptor(
    boost::asio::io_context& home,
    std::string_view purpose,
    const host_port& address,
    const tcp_timeouts& timeouts,
    std::vector<std::unique_ptr<worker>>& workers,
    accept_handler hand_over
)
    : home_(home), workers_(workers), hand_over_(std::move(hand_over)) {
    for (auto& bound : listen_on(home, address, purpose)) {
        // Connections inherit these (Linux: tcp(7), socket(7)), without a call for each.
        boost::system::error_code ignored;
        bound.set_option(boost::asio::ip::tcp::no_delay(true), ignored);
        bound.set_option(boost::asio::socket_base::keep_alive(true), ignored);
        set_timeouts(bound.native_handle(), timeouts);
        sockets_.push_back({.acceptor = std::move(bound), .pause = boost::asio::steady_timer(home)}
        );
    }
}

void acceptor::start() {
    boost::asio::post(home_, [this] {
        for (auto& listening : sockets_) {
            accept(listening);
        }
    });
}

void acceptor::stop() {
    boost::asio::post(home_, [this] {
        for (auto& listening : sockets_) {
            boost::system::error_code ignored;
            listening.acceptor.close(ignored);
            listening.pause.cancel();
        }
    });
}

std::vector<boost::asio::ip::tcp::endpoint> acceptor::local_endpoints() const {
    std::vector<boost::asio::ip::tcp::endpoint> bound;
    bound.reserve(sockets_.size());
    for (const auto& listening : sockets_) {
        bound.push_back(listening.acceptor.local_endpoint());
    }
    return bound;
}

void acceptor::accept(listening_socket& from) {
    auto& least = **std::min_element(
        workers_.begin(),
        workers_.end(),
        [](const auto& left, const auto& right) { return left->load() < right->load(); }
    );
    from.acceptor.async_accept(
        least.setup_context(),
        [this,
         &from,
         &least](boost::system::error_code error, boost::asio::ip::tcp::socket socket) {
            if (error == boost::asio::error::operation_aborted) {
                return;
            }
            if (error) {
                accept_later(from, error);
                return;
            }
            hand_over_(std::move(socket), least);
            if (from.acceptor.is_open()) {
                accept(from);
            }
        }
    );
}

void acceptor::accept_later(listening_socket& from, const boost::system::error_code& error) {
    log::warning("accept_failed").with("reason", error.message());
    from.pause.expires_after(accept_pause);
    from.pause.async_wait([this, &from](boost::system::error_code stopped) {
        if (!stopped && from.acceptor.is_open()) {
            accept(from);
        }
    });
}

} // namespace wakegate::proxy
