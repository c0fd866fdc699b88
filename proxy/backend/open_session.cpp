#include "proxy/backend/open_session.hpp"

#include "proxy/auth/backend_login.hpp"
#include "proxy/backend/connect.hpp"
#include "proxy/backend/start_tls.hpp"
#include "proxy/net/phase_deadline.hpp"
#include "proxy/wire/login_reply.hpp"

#include <boost/asio/this_coro.hpp>

#include <array>
#include <optional>
#include <string_view>
#include <utility>

namespace wakegate::proxy {

namespace asio = boost::asio;
using tcp = asio::ip::tcp;

namespace {

/// One kind of login: takes the server's bytes, gives the replies, and says when it is over.
class passthrough_exchange {
public:
    static constexpr auto timeout = connect_errc::startup_timeout;

    /// True: the rest is for the client.
    [[nodiscard]] connect_result<bool> receive(std::string_view bytes) {
        received_.append(bytes);
        switch (wire::classify_login_reply(received_)) {
        case wire::login_reply::incomplete:
            return false;
        case wire::login_reply::proceed:
        case wire::login_reply::refused:
            return true;
        case wire::login_reply::unavailable:
            return connect_error{connect_errc::not_accepting};
        case wire::login_reply::malformed:
            break;
        }
        return connect_error{connect_errc::not_postgres};
    }

    [[nodiscard]] static std::string take_reply() { return {}; }

    [[nodiscard]] std::string take_remaining() { return std::move(received_); }

    [[nodiscard]] static bool authenticated() noexcept { return false; }

private:
    std::string received_;
};

class scram_exchange {
public:
    static constexpr auto timeout = connect_errc::login_timeout;

    scram_exchange(scram_login login, const async_socket& server)
        : login_(make_client(std::move(login), server)) {}

    [[nodiscard]] connect_result<bool> receive(std::string_view bytes) {
        using progress = auth::backend_login::progress;
        switch (login_.receive(bytes)) {
        case progress::incomplete:
            return false;
        case progress::logged_in:
        case progress::refused:
            return true;
        case progress::unavailable:
            return connect_error{connect_errc::not_accepting};
        case progress::failed:
            break;
        }
        const auto& failure = login_.failure();
        const auto code = failure.error == auth::scram_error::stale_verifier
                              ? connect_errc::stale_verifier
                              : connect_errc::login_failed;
        return connect_error{code, failure.text};
    }

    [[nodiscard]] std::string take_reply() { return login_.take_reply(); }

    [[nodiscard]] std::string take_remaining() { return login_.take_remaining(); }

    [[nodiscard]] bool authenticated() const noexcept { return login_.accepted(); }

private:
    static auth::scram_client make_client(scram_login login, const async_socket& server) {
        auth::scram_client::exchange_parameters context{
            .nonce = std::move(login.nonce),
            .end_point_hash =
                server.uses_tls() ? server.tls()->peer_end_point_hash() : std::string(),
        };
        if (const auto* keys = std::get_if<auth::scram_login_keys>(&login.secret)) {
            return auth::scram_client(*keys, std::move(context));
        }
        return auth::scram_client(std::get<auth::secret_text>(login.secret), std::move(context));
    }

    auth::backend_login login_;
};

/// The server's bytes for the client, and whether AuthenticationOk came before them.
struct login_result {
    std::string received;
    bool authenticated = false;
};

/// Sends `message` and answers the server until the login ends or times out.
template <typename Exchange>
asio::awaitable<connect_result<login_result>>
log_in(login_connection& connection, Exchange& exchange, std::string message) {
    std::array<char, 2048> chunk{};
    for (;;) {
        if (!message.empty()) {
            const bool sent = co_await connection.write(message);
            if (!sent) {
                co_return connect_error{connect_errc::connection_lost, connection.error_message()};
            }
        }
        const auto count = co_await connection.read_some(chunk);
        if (count == 0 && connection.timed_out()) {
            co_return connect_error{Exchange::timeout};
        }
        if (count == 0) {
            co_return connect_error{connect_errc::connection_lost, connection.error_message()};
        }
        const auto is_over = exchange.receive({chunk.data(), count});
        if (!is_over) {
            co_return is_over.error();
        }
        if (*is_over) {
            co_return login_result{exchange.take_remaining(), exchange.authenticated()};
        }
        message = exchange.take_reply();
    }
}

asio::awaitable<connect_result<login_result>> replay_hello(
    async_socket& server, const backend_endpoint& endpoint, const std::string& client_hello
) {
    const phase_deadline deadline(server.socket(), endpoint.login_timeout);
    const auto agreed = co_await request_tls(server, deadline);
    if (!agreed) {
        co_return agreed.error();
    }
    if (!*agreed) {
        co_return connect_error{connect_errc::tls_not_offered};
    }
    std::array<char, 2048> chunk{};
    std::size_t count = 0;
    const bool sent = co_await server.write(client_hello);
    if (sent) {
        count = co_await server.read_some(chunk);
    }
    if (count == 0 && deadline.expired()) {
        co_return connect_error{connect_errc::tls_hello_timeout};
    }
    if (count == 0) {
        co_return connect_error{connect_errc::tls_handshake_lost, server.error_message()};
    }
    co_return login_result{std::string(chunk.data(), count)};
}

asio::awaitable<connect_result<login_result>> run_strategy(
    async_socket& server,
    const backend_endpoint& endpoint,
    login_strategy strategy,
    login_timeout_policy& timeouts
) {
    if (const auto* const replay = std::get_if<tls_replay>(&strategy)) {
        auto result = co_await replay_hello(server, endpoint, replay->client_hello);
        co_return result;
    }
    const auto secured = co_await start_tls(server, endpoint);
    if (!secured) {
        co_return secured.error();
    }
    login_connection connection(server, endpoint.login_timeout, timeouts);
    if (auto* const scram = std::get_if<scram_login>(&strategy)) {
        const auto& startup = scram->startup;
        scram_exchange exchange(std::move(*scram), server);
        auto result = co_await log_in(connection, exchange, startup);
        co_return result;
    }
    const auto& startup = std::get<passthrough_login>(strategy).startup;
    passthrough_exchange exchange;
    auto result = co_await log_in(connection, exchange, startup);
    co_return result;
}

} // namespace

asio::awaitable<connect_result<backend_session>> open_session(
    const backend_endpoint& endpoint,
    const std::string& proxy_header,
    login_strategy strategy,
    login_timeout_policy& timeouts
) {
    const auto executor = co_await asio::this_coro::executor;
    async_socket server{tcp::socket(executor)};
    const auto connected = co_await connect_backend(server, endpoint, proxy_header);
    if (!connected) {
        co_return connected.error();
    }
    auto logged_in = co_await run_strategy(server, endpoint, std::move(strategy), timeouts);
    if (!logged_in) {
        co_return logged_in.error();
    }
    co_return backend_session{
        std::move(server), std::move(logged_in->received), logged_in->authenticated
    };
}

} // namespace wakegate::proxy
