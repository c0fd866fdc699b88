#include "proxy/net/async_socket.hpp"

#include "common/no_throw.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/write.hpp>

#include <cerrno>
#include <utility>

#include <sys/socket.h>

namespace wakegate::proxy {

namespace asio = boost::asio;
using tcp = asio::ip::tcp;
using progress = tls::tls_stream::progress;

namespace {

// Try the system call first and Asio only when it must wait: Asio's operations begin with the same
// call but end in a later turn of the loop.

bool must_wait(ssize_t result) {
    return result < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR);
}

/// The error of a call that need not wait. The kernel gives it only once, so keep it.
boost::system::error_code error_of(ssize_t result) {
    return result < 0 ? boost::system::error_code(errno, asio::error::get_system_category())
                      : boost::system::error_code();
}

} // namespace

asio::awaitable<std::size_t> async_socket::read_some(std::span<char> room) {
    if (tls_ == nullptr) {
        if (!std::exchange(answer_under_way_, false)) {
            const int descriptor = socket_.native_handle();
            const auto at_once = ::recv(descriptor, room.data(), room.size(), MSG_DONTWAIT);
            if (!must_wait(at_once)) {
                error_ = at_once == 0 ? asio::error::eof : error_of(at_once);
                co_return error_ ? 0 : static_cast<std::size_t>(at_once);
            }
        }
        const auto buffer = asio::buffer(room.data(), room.size());
        const auto [error, count] = co_await socket_.async_read_some(buffer, no_throw);
        error_ = error;
        co_return error ? 0 : count;
    }
    for (;;) {
        tls_->mark_readable();
        const auto count = tls_->receive(room);
        if (count > 0) {
            co_return static_cast<std::size_t>(count);
        }
        if (count == 0 || errno != EAGAIN) {
            error_ = asio::error::eof;
            co_return 0;
        }
        const bool ready = co_await await_readiness(tls_->has_send_backlog());
        if (!ready) {
            co_return 0;
        }
    }
}

asio::awaitable<bool> async_socket::write(std::string_view data) {
    if (tls_ == nullptr) {
        answer_under_way_ = true;
        constexpr int flags = MSG_DONTWAIT | MSG_NOSIGNAL;
        const auto at_once = ::send(socket_.native_handle(), data.data(), data.size(), flags);
        if (!must_wait(at_once)) {
            error_ = error_of(at_once);
            data.remove_prefix(error_ ? 0 : static_cast<std::size_t>(at_once));
            if (error_ || data.empty()) {
                co_return !error_;
            }
        }
        const auto buffer = asio::buffer(data.data(), data.size());
        const auto [error, count] = co_await asio::async_write(socket_, buffer, no_throw);
        error_ = error;
        co_return !error;
    }
    auto now = tls_->send(data);
    while (now == progress::want_write) {
        const bool ready = co_await await_readiness(true);
        now = ready ? tls_->flush() : progress::failed;
    }
    co_return now == progress::done;
}

asio::awaitable<bool> async_socket::handshake(std::unique_ptr<tls::tls_stream> stream) {
    tls_ = std::move(stream);
    for (;;) {
        tls_->mark_readable();
        const auto now = tls_->handshake();
        if (now == progress::done || now == progress::failed) {
            error_ = asio::error::eof;
            co_return now == progress::done;
        }
        const bool ready = co_await await_readiness(now == progress::want_write);
        if (!ready) {
            co_return false;
        }
    }
}

bool async_socket::has_unread() const {
    boost::system::error_code gone;
    return socket_.available(gone) > 0;
}

void async_socket::shutdown_send() {
    if (tls_ != nullptr) {
        [[maybe_unused]] const auto dropped_without_room = tls_->send_close_notify();
    }
    boost::system::error_code ignored;
    socket_.shutdown(tcp::socket::shutdown_send, ignored);
}

std::string async_socket::error_message() const {
    const bool tls_failed = tls_ != nullptr && !tls_->failure().empty();
    return tls_failed ? tls_->failure() : error_.message();
}

async_socket::parts async_socket::release() {
    if (tls_ != nullptr) {
        tls_->mark_readable();
    }
    return {.socket = file_descriptor(socket_.release()), .tls = std::move(tls_)};
}

asio::awaitable<bool> async_socket::await_readiness(bool for_room) {
    const auto readiness = for_room ? tcp::socket::wait_write : tcp::socket::wait_read;
    const auto [cancelled] = co_await socket_.async_wait(readiness, no_throw);
    error_ = cancelled;
    co_return !cancelled;
}

} // namespace wakegate::proxy
