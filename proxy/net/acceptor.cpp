#include "proxy/net/acceptor.hpp"

#include "common/clock.hpp"
#include "common/listening_socket.hpp"
#include "common/log.hpp"

#include <boost/asio/post.hpp>

#include <algorithm>
#include <utility>

namespace wakegate::proxy {
namespace {

/// Out of descriptors or memory: an accept at once would spin, and somebody may hang up soon.
constexpr auto accept_pause = milliseconds(100);

} // namespace

acceptor::acceptor(
    boost::asio::io_context& home,
    std::string_view purpose,
    const host_port& address,
    std::vector<std::unique_ptr<worker>>& workers,
    newcomer hand_over
)
    : listening_(listen_on(home, address, purpose)),
      pause_(home),
      workers_(workers),
      hand_over_(std::move(hand_over)) {
    // Every connection has them from here (Linux: tcp(7), socket(7)), without two calls each.
    boost::system::error_code ignored;
    listening_.set_option(boost::asio::ip::tcp::no_delay(true), ignored);
    listening_.set_option(boost::asio::socket_base::keep_alive(true), ignored);
}

void acceptor::start() {
    boost::asio::post(listening_.get_executor(), [this] { accept(); });
}

void acceptor::stop() {
    boost::asio::post(listening_.get_executor(), [this] {
        boost::system::error_code ignored;
        listening_.close(ignored);
        pause_.cancel();
    });
}

boost::asio::ip::tcp::endpoint acceptor::local_endpoint() const {
    return listening_.local_endpoint();
}

void acceptor::accept() {
    auto& least = **std::min_element(
        workers_.begin(),
        workers_.end(),
        [](const auto& left, const auto& right) { return left->load() < right->load(); }
    );
    listening_.async_accept(
        least.front(),
        [this, &least](boost::system::error_code error, boost::asio::ip::tcp::socket socket) {
            if (error == boost::asio::error::operation_aborted) {
                return;
            }
            if (error) {
                accept_later(error);
                return;
            }
            hand_over_(std::move(socket), least);
            if (listening_.is_open()) {
                accept();
            }
        }
    );
}

void acceptor::accept_later(const boost::system::error_code& error) {
    log::warning("accept_failed").with("reason", error.message());
    pause_.expires_after(accept_pause);
    pause_.async_wait([this](boost::system::error_code stopped) {
        if (!stopped && listening_.is_open()) {
            accept();
        }
    });
}

} // namespace wakegate::proxy
