#include "proxy/session/dial_as.hpp"

#include "proxy/auth/backend_login.hpp"
#include "proxy/session/connect_backend.hpp"
#include "proxy/session/randomness.hpp"
#include "proxy/wire/messages.hpp"

#include <boost/asio/this_coro.hpp>

#include <array>
#include <utility>

namespace wakegate::proxy {
namespace {

namespace asio = boost::asio;
using tcp = asio::ip::tcp;
using progress = auth::backend_login::progress;

auth::backend_login begin_login(const auth::backend_secret& secret, const async_socket& server) {
    auth::scram_client::exchange_parameters around{
        .nonce = fresh_nonce(),
        .end_point_hash = server.uses_tls() ? server.tls()->peer_end_point_hash() : std::string(),
    };
    if (const auto* keys = std::get_if<auth::scram_login_keys>(&secret)) {
        return auth::backend_login(auth::scram_client(*keys, std::move(around)));
    }
    return auth::backend_login(
        auth::scram_client(std::get<auth::secret_text>(secret), std::move(around))
    );
}

/// Empty when the login has come to an end, good or bad; else why it has to be tried again.
asio::awaitable<std::string> log_in_as(
    async_socket& server,
    const cluster_settings& settings,
    std::string message,
    login_timeout_policy& patience,
    auth::backend_login& login,
    progress& reached
) {
    login_connection connection(server, settings.login_timeout, patience);
    std::array<char, 2048> chunk{};
    for (;;) {
        const bool sent = co_await connection.write(message);
        if (!sent) {
            co_return "connection lost: " + server.error_message();
        }
        const auto count = co_await connection.read_some(chunk);
        if (count == 0) {
            co_return connection.gave_up() ? "the login took too long"
                                           : "connection lost: " + server.error_message();
        }
        const std::string_view received(chunk.data(), count);
        reached = login.receive(received);
        message = login.take_reply();
        if (reached == progress::unavailable) {
            co_return "the server is starting up or shutting down";
        }
        if (reached != progress::incomplete) {
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

asio::awaitable<backend_session> dial_as(
    const cluster_settings& settings,
    const std::string& preface,
    const std::string& startup,
    const std::string& role,
    const auth::backend_secret& secret,
    login_timeout_policy& patience
) {
    const auto executor = co_await asio::this_coro::executor;
    async_socket server{tcp::socket(executor)};
    auto met = co_await connect_backend(server, settings, preface);
    auto login = begin_login(secret, server);
    auto reached = progress::incomplete;
    if (met.reason.empty()) {
        met.reason = co_await log_in_as(server, settings, startup, patience, login, reached);
    }
    if (met.reason.empty() && reached == progress::failed) {
        met.reason = login.failure().text;
        met.refused = server_login_failed(role, login.failure());
    }
    std::string said;
    if (met.reason.empty()) {
        said = login.take_rest();
    }
    co_return backend_session{
        std::move(server),
        std::move(said),
        std::move(met.reason),
        std::move(met.refused),
        login.accepted(),
    };
}

} // namespace wakegate::proxy
