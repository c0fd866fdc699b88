#include "proxy/session/dial.hpp"

#include "proxy/net/phase_deadline.hpp"
#include "proxy/session/connect_backend.hpp"
#include "proxy/wire/login_reply.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include <array>

namespace wakegate::proxy {
namespace {

namespace asio = boost::asio;
using tcp = asio::ip::tcp;

constexpr auto quiet = asio::as_tuple(asio::use_awaitable);

/// Empty when the server has answered well enough to go on; `said` then holds the answer.
asio::awaitable<std::string> log_in(
    tcp::socket& server,
    const cluster_settings& settings,
    const std::string& startup,
    std::string& said
) {
    const phase_deadline deadline(server, settings.login_timeout);
    const auto request = asio::buffer(startup);
    const auto [write_error, written] = co_await asio::async_write(server, request, quiet);
    if (write_error) {
        co_return "connection lost: " + write_error.message();
    }
    std::array<char, 2048> chunk{};
    for (;;) {
        const auto room = asio::buffer(chunk);
        const auto [error, count] = co_await server.async_read_some(room, quiet);
        if (error) {
            co_return deadline.passed() ? "no answer to the startup message"
                                        : "connection lost: " + error.message();
        }
        said.append(chunk.data(), count);
        switch (wire::judge_login_reply(said)) {
        case wire::login_verdict::undecided:
            break;
        case wire::login_verdict::proceed:
        case wire::login_verdict::refused:
            co_return std::string();
        case wire::login_verdict::not_now:
            co_return "the server is starting up or shutting down";
        case wire::login_verdict::malformed:
            co_return "the answer is not the Postgres protocol";
        }
    }
}

} // namespace

asio::awaitable<dialled> dial(const cluster_settings& settings, const std::string& startup) {
    const auto executor = co_await asio::this_coro::executor;
    tcp::socket server(executor);
    auto reason = co_await connect_backend(server, settings);
    std::string said;
    if (reason.empty()) {
        reason = co_await log_in(server, settings, startup, said);
    }
    if (!reason.empty()) {
        said.clear();
    }
    co_return dialled{std::move(server), std::move(said), std::move(reason)};
}

} // namespace wakegate::proxy
