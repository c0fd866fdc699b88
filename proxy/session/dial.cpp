#include "proxy/session/dial.hpp"

#include "proxy/session/connect_backend.hpp"
#include "proxy/wire/login_reply.hpp"

#include <boost/asio/this_coro.hpp>

#include <array>
#include <utility>

namespace wakegate::proxy {
namespace {

namespace asio = boost::asio;
using tcp = asio::ip::tcp;

/// Empty when the server has answered well enough to go on; `said` then holds the answer.
asio::awaitable<std::string> log_in(
    async_socket& server,
    const cluster_settings& settings,
    const std::string& startup,
    login_timeout_policy& patience,
    std::string& said
) {
    login_connection connection(server, settings.login_timeout, patience);
    const bool sent = co_await connection.write(startup);
    if (!sent) {
        co_return "connection lost: " + server.error_message();
    }
    std::array<char, 2048> chunk{};
    for (;;) {
        const auto count = co_await connection.read_some(chunk);
        if (count == 0) {
            co_return connection.gave_up() ? "no answer to the startup message"
                                           : "connection lost: " + server.error_message();
        }
        said.append(chunk.data(), count);
        switch (wire::classify_login_reply(said)) {
        case wire::login_reply::incomplete:
            break;
        case wire::login_reply::proceed:
        case wire::login_reply::refused:
            co_return std::string();
        case wire::login_reply::unavailable:
            co_return "the server is starting up or shutting down";
        case wire::login_reply::malformed:
            co_return "the answer is not the Postgres protocol";
        }
    }
}

} // namespace

asio::awaitable<backend_session> dial(
    const cluster_settings& settings,
    const std::string& preface,
    const std::string& startup,
    login_timeout_policy& patience
) {
    const auto executor = co_await asio::this_coro::executor;
    async_socket server{tcp::socket(executor)};
    auto met = co_await connect_backend(server, settings, preface);
    std::string said;
    if (met.reason.empty()) {
        met.reason = co_await log_in(server, settings, startup, patience, said);
    }
    if (!met.reason.empty()) {
        said.clear();
    }
    co_return backend_session{
        std::move(server), std::move(said), std::move(met.reason), std::move(met.refused)
    };
}

} // namespace wakegate::proxy
