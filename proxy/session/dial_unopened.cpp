#include "proxy/session/dial_unopened.hpp"

#include "proxy/net/phase_deadline.hpp"
#include "proxy/session/connect_backend.hpp"
#include "proxy/session/secure_backend.hpp"

#include <boost/asio/this_coro.hpp>

#include <array>
#include <utility>

namespace wakegate::proxy {
namespace {

namespace asio = boost::asio;
using tcp = asio::ip::tcp;

/// As far as the server's first answer to `hello`, in `said`.
asio::awaitable<connect_failure> begin_handshake(
    async_socket& server,
    const cluster_settings& settings,
    const std::string& hello,
    std::string& said
) {
    const phase_deadline deadline(server.socket(), settings.login_timeout);
    auto answer = co_await ask_for_tls(server, settings);
    if (!answer.met.reason.empty()) {
        co_return std::move(answer.met);
    }
    if (!answer.agreed) {
        co_return no_tls_offered(settings);
    }
    std::array<char, 2048> chunk{};
    std::size_t count = 0;
    const bool sent = co_await server.write(hello);
    if (sent) {
        count = co_await server.read_some(chunk);
    }
    said.assign(chunk.data(), count);
    connect_failure met;
    if (count == 0) {
        met.reason = deadline.expired()
                         ? "no answer to the TLS handshake"
                         : "connection lost in the TLS handshake: " + server.error_message();
    }
    co_return met;
}

} // namespace

asio::awaitable<backend_session> dial_unopened(
    const cluster_settings& settings, const std::string& preface, const std::string& hello
) {
    const auto executor = co_await asio::this_coro::executor;
    async_socket server{tcp::socket(executor)};
    auto met = co_await connect_unsecured(server, settings, preface);
    std::string said;
    if (met.reason.empty()) {
        met = co_await begin_handshake(server, settings, hello, said);
    }
    co_return backend_session{
        std::move(server), std::move(said), std::move(met.reason), std::move(met.refused)
    };
}

} // namespace wakegate::proxy
