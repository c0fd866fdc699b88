#include "common/no_throw.hpp"
#include "proxy/auth/scram_server.hpp"
#include "proxy/backend/open_session.hpp"
#include "proxy/tls/backend_tls.hpp"
#include "proxy/wire/authentication_messages.hpp"
#include "tests/support/fail_every_step.hpp"
#include "tests/support/message_bytes.hpp"
#include "tests/support/scripted_timeout_policy.hpp"

#include <boost/asio/detached.hpp>

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>

namespace wakegate::proxy {
namespace {

using namespace support;
using server_script = script<connect_errc>;
using failing_server = failing_script<connect_errc>;

const std::string no_header;
const auto startup_bytes = support::startup({{"user", "ann"}, {"database", "app"}});
const auto login_end = parameter_status("server_version", "15.0") + ready_for_query('I');

std::function<std::string(const std::string&)> sender_of(std::string bytes) {
    return [bytes = std::move(bytes)](const std::string&) { return bytes; };
}

/// A server that has no TLS, and a cluster that prefers it.
server_script passthrough_server() {
    using errc = connect_errc;
    return {
        {.name = "accept",
         .says = nullptr,
         .then = hears::startup, // SSLRequest
         .after_cut = errc::connection_lost,
         .after_silence = errc::tls_request_timeout},
        {.name = "no_tls",
         .says = sender_of("N"),
         .then = hears::startup,
         .after_cut = errc::connection_lost,
         .after_wrong_byte = errc::not_postgres,
         .after_silence = errc::tls_request_timeout},
        {.name = "password_request",
         .says = sender_of(authentication(3)),
         .after_cut = errc::connection_lost,
         .after_wrong_byte = errc::not_postgres,
         .after_silence = errc::startup_timeout},
    };
}

/// The server's next SCRAM message; the last one comes with the end of the login.
std::string answer_scram(auth::scram_server& scram, const std::string& message) {
    const auto answer = scram.receive(std::string_view(message).substr(5));
    if (const auto* const challenge = std::get_if<auth::scram_challenge>(&answer)) {
        return wire::authentication_sasl_continue(challenge->data);
    }
    const auto& success = std::get<auth::scram_success>(answer);
    return wire::authentication_sasl_final(success.data) + authentication_ok() + login_end;
}

server_script scram_server_script() {
    using errc = connect_errc;
    const auto verifier = auth::scram_verifier::derive("secret", "sixteen bytes it", 4'096);
    auto scram = std::make_shared<auth::scram_server>(
        auth::scram_account{.verifier = verifier},
        auth::scram_server::exchange_parameters{.nonce = "server+nonce"}
    );
    const auto scram_answer = [scram](const std::string& message) {
        return answer_scram(*scram, message);
    };
    return {
        {.name = "accept",
         .says = nullptr,
         .then = hears::startup,
         .after_cut = errc::connection_lost,
         .after_silence = errc::login_timeout},
        {.name = "sasl_request",
         .says = sender_of(wire::authentication_sasl(scram->mechanisms())),
         .then = hears::message,
         .after_cut = errc::connection_lost,
         .after_wrong_byte = errc::login_failed,
         .after_silence = errc::login_timeout},
        {.name = "challenge",
         .says = scram_answer,
         .then = hears::message,
         .after_cut = errc::connection_lost,
         .after_wrong_byte = errc::login_failed,
         .after_silence = errc::login_timeout},
        {.name = "success",
         .says = scram_answer,
         .after_cut = errc::connection_lost,
         .after_wrong_byte = errc::login_failed,
         .after_silence = errc::login_timeout},
    };
}

/// Its answer to the ClientHello is for the client: no byte of it is wrong here.
server_script tls_server() {
    using errc = connect_errc;
    return {
        {.name = "accept",
         .says = nullptr,
         .then = hears::startup, // SSLRequest
         .after_cut = errc::connection_lost,
         .after_silence = errc::tls_request_timeout},
        {.name = "agrees",
         .says = sender_of("S"),
         .then = hears::startup,
         .after_cut = errc::connection_lost,
         .after_wrong_byte = errc::not_postgres,
         .after_silence = errc::tls_request_timeout},
        {.name = "server_hello",
         .says = sender_of("its hello"),
         .after_cut = errc::tls_handshake_lost,
         .after_silence = errc::tls_hello_timeout},
    };
}

struct open_session_failures_test : testing::Test {
    asio::awaitable<void> accept(failing_server server, bool& done) {
        tcp::acceptor acceptor(context, tcp::endpoint(asio::ip::address_v4::loopback(), 0));
        endpoint.backend = {"127.0.0.1", acceptor.local_endpoint().port()};
        auto [error, peer] = co_await acceptor.async_accept(no_throw);
        acceptor.close();
        peer.set_option(tcp::no_delay(true));
        co_await play(std::move(peer), std::move(server));
        done = true;
    }

    /// Returns once the server has seen the connection's end, too.
    std::optional<connect_errc> attempt(failing_server server, login_strategy strategy) {
        endpoint.login_timeout =
            server.kind == failure::silence ? milliseconds(200) : milliseconds(60'000);
        bool done = false;
        asio::co_spawn(context, accept(std::move(server), done), asio::detached);
        context.poll(); // it listens now
        std::optional<connect_errc> error;
        {
            scripted_timeout_policy policy;
            const auto result =
                run(context, open_session(endpoint, no_header, std::move(strategy), policy));
            if (!result) {
                error = result.error().code;
            }
        }
        context.restart();
        while (!done && context.run_one_for(seconds(60)) > 0) {
        }
        EXPECT_TRUE(done) << "the connection is still open";
        return error;
    }

    asio::io_context context{1};
    backend_endpoint endpoint{.cluster = "app", .backend = {}, .connect_timeout = seconds(60)};
};

TEST_F(open_session_failures_test, end_a_passthrough_login_in_their_own_errors) {
    const tls::backend_settings prefers{.mode = tls::backend_mode::prefer};
    endpoint.tls = std::make_shared<tls::backend_tls>("app", prefers);
    fail_every_step<connect_errc>(passthrough_server, [this](failing_server server) {
        return attempt(std::move(server), passthrough_login{startup_bytes});
    });
}

TEST_F(open_session_failures_test, end_a_scram_login_in_their_own_errors) {
    const auth::backend_secret secret = auth::secret_text("secret");
    fail_every_step<connect_errc>(scram_server_script, [&](failing_server server) {
        return attempt(std::move(server), scram_login{startup_bytes, secret, "client+nonce"});
    });
}

TEST_F(open_session_failures_test, end_a_replay_of_tls_in_their_own_errors) {
    const auto hello = untyped("its own hello"); // framed only because the script reads messages
    fail_every_step<connect_errc>(tls_server, [&](failing_server server) {
        return attempt(std::move(server), tls_replay{hello});
    });
}

} // namespace
} // namespace wakegate::proxy
