#include "proxy/backend/start_tls.hpp"

#include "proxy/tls/backend_tls.hpp"
#include "proxy/wire/messages.hpp"

#include <span>
#include <utility>

namespace wakegate::proxy {

namespace asio = boost::asio;

namespace {

/// A server that is starting or stopping closes the connection; an error of TLS would occur again.
connect_error handshake_error_of(const async_socket& server) {
    if (server.tls()->is_tls_failure()) {
        return {connect_errc::tls_failed, server.tls()->failure()};
    }
    return {connect_errc::tls_handshake_lost, server.error_message()};
}

asio::awaitable<connect_result<>> shake_hands(
    async_socket& server, const backend_endpoint& endpoint, const phase_deadline& deadline
) {
    const auto context = endpoint.tls->current();
    auto stream = context->open(server.socket().native_handle(), endpoint.backend.host);
    const bool secured = co_await server.handshake(std::move(stream));
    if (deadline.expired()) {
        co_return connect_error{connect_errc::tls_handshake_timeout};
    }
    if (!secured) {
        co_return handshake_error_of(server);
    }
    co_return connect_result<>();
}

} // namespace

asio::awaitable<connect_result<bool>>
request_tls(async_socket& server, const phase_deadline& deadline) {
    const auto request = wire::ssl_request_message();
    const bool sent = co_await server.write(request);
    char answer = 0;
    const std::span room(&answer, 1);
    std::size_t received = 0;
    if (sent) {
        received = co_await server.read_some(room);
    }
    if (deadline.expired()) {
        co_return connect_error{connect_errc::tls_request_timeout};
    }
    if (received == 0) {
        co_return connect_error{connect_errc::connection_lost, server.error_message()};
    }
    if (answer == 'E') {
        // The text that follows is not authenticated, so it is not shown.
        co_return connect_error{connect_errc::tls_request_failed};
    }
    if (answer != 'S' && answer != 'N') {
        co_return connect_error{connect_errc::not_postgres};
    }
    if (server.has_unread()) {
        co_return connect_error{connect_errc::tls_unencrypted_data};
    }
    co_return answer == 'S';
}

asio::awaitable<connect_result<>>
start_tls(async_socket& server, const backend_endpoint& endpoint) {
    if (endpoint.tls == nullptr) {
        co_return connect_result<>();
    }
    const phase_deadline deadline(server.socket(), endpoint.login_timeout);
    const auto agreed = co_await request_tls(server, deadline);
    if (!agreed) {
        co_return agreed.error();
    }
    if (!*agreed && endpoint.tls->required()) {
        co_return connect_error{connect_errc::tls_not_offered};
    }
    if (!*agreed) {
        co_return connect_result<>();
    }
    auto result = co_await shake_hands(server, endpoint, deadline);
    co_return result;
}

} // namespace wakegate::proxy
