#include "proxy/session/dial_as.hpp"

#include "proxy/auth/backend_login.hpp"
#include "proxy/net/phase_deadline.hpp"
#include "proxy/session/connect_backend.hpp"
#include "proxy/session/randomness.hpp"
#include "proxy/wire/messages.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include <array>
#include <utility>

namespace wakegate::proxy {
namespace {

namespace asio = boost::asio;
using tcp = asio::ip::tcp;
using progress = auth::backend_login::progress;

constexpr auto quiet = asio::as_tuple(asio::use_awaitable);

auth::backend_login begin_login(const auth::backend_secret& secret) {
    auth::scram_client::circumstances around{.nonce = fresh_nonce()};
    if (const auto* keys = std::get_if<auth::scram_login_keys>(&secret)) {
        return auth::backend_login(auth::scram_client(*keys, std::move(around)));
    }
    return auth::backend_login(
        auth::scram_client(std::get<auth::secret_text>(secret), std::move(around))
    );
}

/// Empty when the login has come to an end, good or bad; else why it has to be tried again.
asio::awaitable<std::string> log_in_as(
    tcp::socket& server,
    milliseconds timeout,
    std::string message,
    auth::backend_login& login,
    progress& reached
) {
    const phase_deadline deadline(server, timeout);
    std::array<char, 2048> chunk{};
    for (;;) {
        const auto bytes = asio::buffer(message);
        const auto [write_error, written] = co_await asio::async_write(server, bytes, quiet);
        if (write_error) {
            co_return "connection lost: " + write_error.message();
        }
        const auto room = asio::buffer(chunk);
        const auto [error, count] = co_await server.async_read_some(room, quiet);
        if (error) {
            co_return deadline.passed() ? "the login took too long"
                                        : "connection lost: " + error.message();
        }
        const std::string_view received(chunk.data(), count);
        reached = login.receive(received);
        message = login.take_reply();
        if (reached == progress::not_now) {
            co_return "the server is starting up or shutting down";
        }
        if (reached != progress::undecided) {
            co_return std::string();
        }
    }
}

} // namespace

std::string startup_for_server(const wire::startup_message& startup) {
    std::vector<std::pair<std::string, std::string>> parameters;
    for (const auto& each : startup.parameters) {
        if (!each.first.starts_with("_pq_.")) {
            parameters.push_back(each);
        }
    }
    return wire::startup_message_3_0(parameters);
}

asio::awaitable<dialled_as> dial_as(
    const cluster_settings& settings,
    const std::string& startup,
    const std::string& role,
    const auth::backend_secret& secret
) {
    const auto executor = co_await asio::this_coro::executor;
    tcp::socket server(executor);
    auto reason = co_await connect_backend(server, settings);
    auto login = begin_login(secret);
    auto reached = progress::undecided;
    if (reason.empty()) {
        reason = co_await log_in_as(server, settings.login_timeout, startup, login, reached);
    }
    std::optional<refusal_text> refused;
    if (reason.empty() && reached == progress::failed) {
        reason = login.failure().text;
        refused = server_login_failed(role, login.failure());
    }
    std::string said;
    if (reason.empty()) {
        said = login.take_rest();
    }
    dialled attempt{std::move(server), std::move(said), std::move(reason)};
    co_return dialled_as{std::move(attempt), std::move(refused)};
}

} // namespace wakegate::proxy
