#include "proxy/auth/scram_client.hpp"
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
    /// The data behind the number of one 'R' message.
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
        server_is_genuine = !scram.check_server(signature);
        heard_last = co_await receive(pair.far, header_size);
    }

    asio::awaitable<void> answer_with(std::string bytes) {
        co_await hear_request();
        co_await send_all(pair.far, bytes);
    }

    sasl_result result_of(const auth::scram_verifier* verifier) {
        auto subject = auth::scram_account::of(verifier, mock_secret, "ann");
        return run(context, sasl_exchange(client, std::move(subject), "ann", patience, [this] {
                       return objection;
                   }));
    }

    asio::io_context context{1};
    connected_pair pair{context};
    client_socket client{std::move(pair.near)};
    milliseconds patience{60'000};
    std::optional<client_error> objection;
    bool server_is_genuine = false;
    std::string heard_last;
};

client_error refusal_in(sasl_result given) {
    if (!std::holds_alternative<client_error>(given)) {
        ADD_FAILURE() << "alternative " << given.index();
        return {};
    }
    return std::get<client_error>(std::move(given));
}

TEST(authentication, of_a_right_password_yields_the_keys_and_leaves_ok_to_the_caller) {
    exchange one;
    asio::co_spawn(one.context, one.log_in("secret"), asio::detached);
    const auto result = one.result_of(&anns);
    ASSERT_TRUE(std::holds_alternative<sasl_success>(result));
    EXPECT_EQ(std::get<sasl_success>(result).keys.server_key, anns.server_key);
    const auto next = frame('E');
    run(one.context, one.client.write(next));
    one.context.restart();
    one.context.run();
    EXPECT_TRUE(one.server_is_genuine);
    EXPECT_EQ(one.heard_last, next);
}

TEST(authentication, of_a_wrong_password_and_of_nobody_fail_alike) {
    const std::string expected = "password authentication failed for user \"ann\"";
    for (const auto* const verifier : {&anns, static_cast<const auth::scram_verifier*>(nullptr)}) {
        exchange one;
        asio::co_spawn(one.context, one.log_in("wrong"), asio::detached);
        const auto refused = refusal_in(one.result_of(verifier));
        EXPECT_EQ(refused.sqlstate, "28P01");
        EXPECT_EQ(refused.message, expected);
    }
}

TEST(authentication, does_not_judge_a_proof_that_has_come_too_late) {
    exchange one;
    one.objection = too_many_failures(milliseconds(500));
    asio::co_spawn(one.context, one.log_in("secret"), asio::detached);
    EXPECT_EQ(refusal_in(one.result_of(&anns)).sqlstate, "53300");
    EXPECT_EQ(one.heard_last, "") << "nothing but the challenge";
}

TEST(authentication, takes_a_client_that_leaves_for_nobodys_failure) {
    exchange one;
    one.pair.far.close();
    EXPECT_TRUE(std::holds_alternative<client_disconnected>(one.result_of(&anns)));
}

TEST(authentication, ends_when_its_time_is_up) {
    exchange one;
    one.patience = milliseconds(1);
    EXPECT_EQ(refusal_in(one.result_of(&anns)).sqlstate, "57014");
}

TEST(authentication, refuses_what_is_no_sasl_message) {
    const std::string too_long(600, 'x');
    for (const auto& bytes : {frame('p', too_long), frame('Q', text("SELECT 1")), frame('p')}) {
        exchange one;
        asio::co_spawn(one.context, one.answer_with(bytes), asio::detached);
        EXPECT_EQ(refusal_in(one.result_of(&anns)).sqlstate, "08P01") << bytes;
    }
}

} // namespace
} // namespace wakegate::proxy
