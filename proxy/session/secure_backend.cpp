#include "proxy/session/secure_backend.hpp"

#include "proxy/net/phase_deadline.hpp"
#include "proxy/tls/backend_tls.hpp"
#include "proxy/wire/messages.hpp"

#include <span>
#include <string_view>
#include <utility>

namespace wakegate::proxy {
namespace {

namespace asio = boost::asio;

connect_failure not_there(std::string reason) {
    return {.reason = std::move(reason)};
}

connect_failure not_trusted(const cluster_settings& settings, std::string reason) {
    return {.reason = std::move(reason), .refused = server_not_trusted(settings.name)};
}

/// What comes of a handshake that came to nothing. A server that is starting or stopping just
/// leaves; one that says something wrong will say it again.
connect_failure failed_handshake(const async_socket& server, const cluster_settings& settings) {
    if (server.tls()->is_tls_failure()) {
        return not_trusted(settings, "TLS: " + server.tls()->failure());
    }
    return not_there("connection lost in the TLS handshake: " + server.error_message());
}

} // namespace

asio::awaitable<tls_answer> ask_for_tls(async_socket& server, const cluster_settings& settings) {
    tls_answer made;
    const auto request = wire::ssl_request_message();
    const bool asked = co_await server.write(request);
    char answer = 0;
    const std::span room(&answer, 1);
    std::size_t answered = 0;
    if (asked) {
        answered = co_await server.read_some(room);
    }
    if (answered == 0) {
        made.met = not_there("connection lost: " + server.error_message());
    } else if (answer == 'E') {
        // What follows has no author that could be believed, so nobody gets to read it.
        made.met = not_there("the server answers the request for TLS with an error");
    } else if (answer != 'S' && answer != 'N') {
        made.met = not_there("the answer is not the Postgres protocol");
    } else if (server.has_unread()) {
        made.met =
            not_trusted(settings, "received unencrypted data after the answer to SSLRequest");
    }
    made.agreed = answer == 'S';
    co_return made;
}

connect_failure no_tls_offered(const cluster_settings& settings) {
    return not_trusted(settings, "the server does not offer TLS");
}

asio::awaitable<connect_failure>
secure_backend(async_socket& server, const cluster_settings& settings) {
    if (settings.tls == nullptr) {
        co_return connect_failure();
    }
    const phase_deadline deadline(server.socket(), settings.login_timeout);
    auto answer = co_await ask_for_tls(server, settings);
    if (deadline.expired()) {
        co_return not_there("no answer to the request for TLS");
    }
    if (!answer.met.reason.empty()) {
        co_return std::move(answer.met);
    }
    if (!answer.agreed && settings.tls->required()) {
        co_return no_tls_offered(settings);
    }
    if (!answer.agreed) {
        co_return connect_failure();
    }
    const auto context = settings.tls->current();
    auto stream = context->open(server.socket().native_handle(), settings.backend.host);
    const bool secured = co_await server.handshake(std::move(stream));
    if (deadline.expired()) {
        co_return not_there("the TLS handshake took too long");
    }
    if (!secured) {
        co_return failed_handshake(server, settings);
    }
    co_return connect_failure();
}

} // namespace wakegate::proxy
