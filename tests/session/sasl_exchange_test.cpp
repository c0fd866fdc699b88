#include "proxy/auth/scram_client.hpp"
#include "proxy/session/client_error.hpp"
#include "proxy/session/sasl_exchange.hpp"
#include "proxy/wire/authentication_messages.hpp"
#include "proxy/wire/bytes.hpp"
#include "tests/support/loopback.hpp"
#include "tests/support/message_bytes.hpp"

#include <boost/asio/detached.hpp>

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <variant>

namespace wakegate::proxy {
namespace {

using namespace support;

const std::string mock_secret(32, 'm');
const auto anns = auth::scram_verifier::derive("secret", "sixteen bytes it", 4'096);
constexpr std::size_t header_size = 5;

/// A client and the proxy's side of its login.
struct exchange {
    /// Reads one 'R' message; returns the data after its code.
    asio::awaitable<std::string> hear_request() {
        const auto header = co_await receive(pair.far, header_size);
        const auto size = wire::load_uint32(header, 1) - 4;
        const auto body = co_await receive(pair.far, size);
        co_return body.substr(4);
    }

    asio::awaitable<void> log_in(std::string password) {
        const auth::secret_text secret(password);
        auth::scram_client scram(secret, {.nonce = "client+nonce"});
        const auto mechanisms = co_await hear_request();
        const auto first = std::get<auth::scram_message>(scram.begin(mechanisms));
        co_await send_byte_by_byte(pair.far, first.bytes);
        const auto challenge = co_await hear_request();
        const auto final = std::get<auth::scram_message>(scram.prove(challenge));
        co_await send_all(pair.far, final.bytes);
        const auto signature = co_await hear_request();
        server_is_genuine = scram.check_server(signature).has_value();
        heard_last = co_await receive(pair.far, header_size);
    }

    asio::awaitable<void> answer_with(std::string bytes) {
        co_await hear_request();
        co_await send_all(pair.far, bytes);
    }

    auth_result<auth::scram_login_keys> result_of(const auth::scram_verifier* verifier) {
        auto subject = auth::scram_account::of(verifier, mock_secret, "ann");
        return run(context, sasl_exchange(client, std::move(subject), patience, [this] {
                       return objection;
                   }));
    }

    asio::io_context context{1};
    connected_pair pair{context};
    client_socket client{std::move(pair.near)};
    milliseconds patience{60'000};
    auth_result<> objection;
    bool server_is_genuine = false;
    std::string heard_last;
};

auth_errc error_in(const auth_result<auth::scram_login_keys>& result) {
    EXPECT_FALSE(result);
    return result.error().code;
}

TEST(sasl_exchange, of_a_right_password_yields_the_keys_and_leaves_ok_to_the_caller) {
    exchange login;
    asio::co_spawn(login.context, login.log_in("secret"), asio::detached);
    const auto result = login.result_of(&anns);
    ASSERT_TRUE(result);
    EXPECT_EQ(result->server_key, anns.server_key);
    const auto next = frame('E');
    run(login.context, login.client.write(next));
    login.context.restart();
    login.context.run();
    EXPECT_TRUE(login.server_is_genuine);
    EXPECT_EQ(login.heard_last, next);
}

TEST(sasl_exchange, of_a_wrong_password_and_of_nobody_fail_alike) {
    const std::string expected = "password authentication failed for user \"ann\"";
    for (const auto* const verifier : {&anns, static_cast<const auth::scram_verifier*>(nullptr)}) {
        exchange login;
        asio::co_spawn(login.context, login.log_in("wrong"), asio::detached);
        const auto result = login.result_of(verifier);
        EXPECT_EQ(error_in(result), auth_errc::wrong_password);
        const auto error = to_client_error(result.error(), "ann");
        EXPECT_EQ(error.sqlstate, "28P01");
        EXPECT_EQ(error.message, expected);
    }
}

TEST(sasl_exchange, does_not_judge_a_proof_that_has_come_too_late) {
    exchange login;
    login.objection = auth_error{.code = auth_errc::throttled};
    asio::co_spawn(login.context, login.log_in("secret"), asio::detached);
    EXPECT_EQ(error_in(login.result_of(&anns)), auth_errc::throttled);
    EXPECT_EQ(login.heard_last, "") << "nothing but the challenge";
}

TEST(sasl_exchange, takes_a_client_that_leaves_for_nobodys_failure) {
    exchange login;
    login.pair.far.close();
    EXPECT_EQ(error_in(login.result_of(&anns)), auth_errc::client_disconnected);
}

TEST(sasl_exchange, ends_when_its_time_is_up) {
    exchange login;
    login.patience = milliseconds(1);
    EXPECT_EQ(error_in(login.result_of(&anns)), auth_errc::timeout);
}

TEST(sasl_exchange, refuses_what_is_no_sasl_message) {
    const std::string too_long(600, 'x');
    for (const auto& bytes : {frame('p', too_long), frame('Q', text("SELECT 1")), frame('p')}) {
        exchange login;
        asio::co_spawn(login.context, login.answer_with(bytes), asio::detached);
        const auto code = error_in(login.result_of(&anns));
        EXPECT_TRUE(code == auth_errc::malformed_message || code == auth_errc::sasl_failed)
            << bytes;
    }
}

} // namespace
} // namespace wakegate::proxy
