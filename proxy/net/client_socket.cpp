#include "proxy/net/client_socket.hpp"

#include "common/host_port.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include <cerrno>
#include <utility>

namespace wakegate::proxy {

namespace asio = boost::asio;
using tcp = asio::ip::tcp;
using progress = tls::tls_stream::progress;

namespace {

constexpr auto quiet = asio::as_tuple(asio::use_awaitable);

} // namespace

asio::awaitable<std::size_t> client_socket::read_some(std::span<char> room) {
    if (tls_ == nullptr) {
        const auto buffer = asio::buffer(room.data(), room.size());
        const auto [error, count] = co_await socket_.async_read_some(buffer, quiet);
        co_return error ? 0 : count;
    }
    for (;;) {
        tls_->look_again();
        const auto count = tls_->receive(room);
        if (count > 0) {
            co_return static_cast<std::size_t>(count);
        }
        if (count == 0 || errno != EAGAIN) {
            co_return 0;
        }
        const bool ready = co_await await_readiness(tls_->wants_room());
        if (!ready) {
            co_return 0;
        }
    }
}

asio::awaitable<bool> client_socket::write(std::string_view data) {
    if (tls_ == nullptr) {
        const auto buffer = asio::buffer(data.data(), data.size());
        const auto [error, count] = co_await asio::async_write(socket_, buffer, quiet);
        co_return !error;
    }
    auto now = tls_->send(data);
    while (now == progress::wants_room) {
        const bool ready = co_await await_readiness(true);
        now = ready ? tls_->flush() : progress::failed;
    }
    co_return now == progress::done;
}

asio::awaitable<bool> client_socket::secure(std::shared_ptr<const tls::server_context> context) {
    tls_ = context->open(socket_.native_handle());
    for (;;) {
        tls_->look_again();
        const auto now = tls_->handshake();
        if (now == progress::done || now == progress::failed) {
            co_return now == progress::done;
        }
        const bool ready = co_await await_readiness(now == progress::wants_room);
        if (!ready) {
            co_return false;
        }
    }
}

void client_socket::finish_sending() {
    if (tls_ != nullptr) {
        [[maybe_unused]] const auto dropped_without_room = tls_->finish();
    }
    boost::system::error_code ignored;
    socket_.shutdown(tcp::socket::shutdown_send, ignored);
}

asio::ip::address client_socket::source() const {
    boost::system::error_code gone;
    return socket_.remote_endpoint(gone).address();
}

std::string client_socket::host() const {
    boost::system::error_code gone;
    const auto endpoint = socket_.remote_endpoint(gone);
    return gone ? std::string("gone") : endpoint.address().to_string();
}

std::string client_socket::peer() const {
    boost::system::error_code gone;
    const auto endpoint = socket_.remote_endpoint(gone);
    return gone ? std::string("gone")
                : to_string(host_port{endpoint.address().to_string(), endpoint.port()});
}

client_socket::parts client_socket::release() {
    boost::system::error_code ignored;
    socket_.native_non_blocking(true, ignored);
    if (tls_ != nullptr) {
        tls_->look_again();
    }
    return {.socket = file_descriptor(socket_.release()), .tls = std::move(tls_)};
}

asio::awaitable<bool> client_socket::await_readiness(bool for_room) {
    const auto what = for_room ? tcp::socket::wait_write : tcp::socket::wait_read;
    const auto [cancelled] = co_await socket_.async_wait(what, quiet);
    co_return !cancelled;
}

} // namespace wakegate::proxy
