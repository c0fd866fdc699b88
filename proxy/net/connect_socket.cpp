#include "proxy/net/connect_socket.hpp"

#include "common/no_throw.hpp"

#include <cerrno>

#include <sys/socket.h>

namespace wakegate::proxy {

namespace asio = boost::asio;
using tcp = asio::ip::tcp;
using boost::system::error_code;

namespace {

error_code open_anew(tcp::socket& socket, tcp protocol, const tcp_timeouts& timeouts) {
    error_code failed;
    socket.close(failed);
    socket.open(protocol, failed);
    if (!failed) {
        socket.native_non_blocking(true, failed);
    }
    if (!failed) {
        socket.set_option(tcp::no_delay(true), failed);
    }
    if (!failed) {
        socket.set_option(tcp::socket::keep_alive(true), failed);
    }
    if (!failed) {
        // TCP_USER_TIMEOUT ends a connect as well, if it is shorter than the caller's deadline.
        set_timeouts(socket.native_handle(), timeouts);
    }
    return failed;
}

bool is_under_way(const error_code& answer) {
    return answer == asio::error::in_progress || answer == asio::error::already_started ||
           answer == asio::error::interrupted;
}

/// The first call starts the connect; later ones give its result, 0 for success.
error_code ask(tcp::socket& socket, const tcp::endpoint& endpoint) {
    const bool connected =
        ::connect(socket.native_handle(), endpoint.data(), endpoint.size()) == 0 ||
        errno == EISCONN;
    return connected ? error_code() : error_code(errno, asio::error::get_system_category());
}

} // namespace

asio::awaitable<error_code>
connect_socket(tcp::socket& socket, const tcp::endpoint& endpoint, const tcp_timeouts& timeouts) {
    auto answer = open_anew(socket, endpoint.protocol(), timeouts);
    if (!answer) {
        answer = ask(socket, endpoint);
    }
    // A server on this machine has accepted or refused by the time the first call returns; a second
    // call costs less than a turn of the loop.
    if (is_under_way(answer)) {
        answer = ask(socket, endpoint);
    }
    while (is_under_way(answer)) {
        const auto [cancelled] = co_await socket.async_wait(tcp::socket::wait_write, no_throw);
        answer = cancelled ? cancelled : ask(socket, endpoint);
    }
    if (answer) {
        error_code ignored;
        socket.close(ignored);
    }
    co_return answer;
}

} // namespace wakegate::proxy
