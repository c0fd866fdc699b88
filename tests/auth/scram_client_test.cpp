#include "common/base64.hpp"
#include "proxy/auth/scram_client.hpp"
#include "tests/auth/scram_exchange.hpp"

#include <gtest/gtest.h>

#include <string>

namespace wakegate::auth {

namespace {

using namespace std::string_literals;
using support::exchange_outcome;
using support::log_in;
using support::untouched;

const std::string salt = "0123456789abcdef";
const std::string client_nonce = "clientnonce";
const std::string server_nonce = "servernonce";
constexpr std::uint32_t few_iterations = 3;

scram_server make_server(
    const std::string& password, const std::string& server_salt = salt, std::string hash = {}
) {
    const auto verifier = scram_verifier::derive(password, server_salt, few_iterations);
    return {
        scram_account::of(&verifier, "secret", "ann"),
        {.nonce = server_nonce, .end_point_hash = std::move(hash)}
    };
}

scram_client with_password(const std::string& password, std::string hash = {}) {
    return {secret_text(password), {.nonce = client_nonce, .end_point_hash = std::move(hash)}};
}

scram_client with_keys(const scram_login_keys& keys, std::string hash = {}) {
    return {keys, {.nonce = client_nonce, .end_point_hash = std::move(hash)}};
}

scram_login_keys recovered_keys(const std::string& password) {
    auto client = with_password(password);
    auto server = make_server(password);
    return log_in(client, server, untouched).keys.value();
}

TEST(scram_client, logs_in_with_a_password_and_with_the_keys_it_yields) {
    const auto keys = recovered_keys("pencil");
    auto client = with_keys(keys);
    auto server = make_server("pencil");
    const auto outcome = log_in(client, server, untouched);
    EXPECT_EQ(outcome.trouble, "");
    EXPECT_TRUE(outcome.server_proved);
    EXPECT_EQ(outcome.keys, keys);
}

TEST(scram_client, binds_to_the_servers_certificate) {
    auto client = with_keys(recovered_keys("pencil"), "hash");
    auto server = make_server("pencil", salt, "hash");
    EXPECT_TRUE(log_in(client, server, untouched).server_proved);

    auto fooled = with_keys(recovered_keys("pencil"), "hash of the man in the middle");
    auto real = make_server("pencil", salt, "hash");
    EXPECT_EQ(log_in(fooled, real, untouched).trouble, "28000 SCRAM channel binding check failed");
}

TEST(scram_client, tells_a_server_behind_tls_that_its_offer_was_missing) {
    auto client = with_keys(recovered_keys("pencil"), "hash");
    auto server = make_server("pencil"); // TLS ended before it
    EXPECT_TRUE(log_in(client, server, untouched).server_proved);

    auto robbed = with_keys(recovered_keys("pencil"), "hash");
    EXPECT_TRUE(std::holds_alternative<scram_message>(robbed.begin("SCRAM-SHA-256\0\0"s)));
}

TEST(scram_client, says_that_its_verifier_is_stale) {
    auto client = with_keys(recovered_keys("pencil"));
    auto server = make_server("pencil", "another salt");
    EXPECT_EQ(
        log_in(client, server, untouched).trouble,
        "stale verifier: the server's salt or iteration count is another, so the role's password "
        "was set again since its verifier was read"
    );
}

TEST(scram_client, is_refused_with_a_wrong_password) {
    auto client = with_password("pen");
    auto server = make_server("pencil");
    EXPECT_EQ(
        log_in(client, server, untouched).trouble,
        "28P01 password authentication failed for user \"ann\""
    );
}

TEST(scram_client, knows_a_server_without_the_verifier) {
    auto client = with_keys(recovered_keys("pencil"));
    auto server = make_server("pencil");
    const auto outcome = log_in(client, server, [](int index, std::string message) {
        return index == 3 ? "v=" + encode_base64(std::string(32, '\0')) : message;
    });
    EXPECT_EQ(
        outcome.trouble, "the server's signature is wrong: it does not hold the role's verifier"
    );
    EXPECT_FALSE(outcome.server_proved);
}

struct message_case {
    const char* name;
    int index; ///< 1: the challenge, 3: server-final-message
    std::string message;
    std::string reason;
};

class scram_client_bad_server_messages : public testing::TestWithParam<message_case> {};

TEST_P(scram_client_bad_server_messages, end_the_login) {
    auto client = with_keys(recovered_keys("pencil"));
    auto server = make_server("pencil");
    const auto outcome = log_in(client, server, [](int index, std::string message) {
        return index == GetParam().index ? GetParam().message : message;
    });
    EXPECT_EQ(outcome.trouble, GetParam().reason);
    EXPECT_FALSE(outcome.server_proved);
    EXPECT_FALSE(client.finished());
}

const std::string malformed = "malformed SCRAM message from the server: ";
const std::string nonces = "r=" + client_nonce + server_nonce;
const std::string good_salt = ",s=" + encode_base64(salt);

INSTANTIATE_TEST_SUITE_P(
    scram_client,
    scram_client_bad_server_messages,
    testing::ValuesIn(std::vector<message_case>{
        {"empty_challenge", 1, "", malformed + "Expected attribute \"r\" but found \"0x00\"."},
        {"order", 1, "s=eA==," + nonces, malformed + "Expected attribute \"r\" but found \"'s'\"."},
        {"extension_in_front",
         1,
         "m=1," + nonces + good_salt + ",i=3",
         malformed + "Expected attribute \"r\" but found \"'m'\"."},
        {"extension_behind",
         1,
         nonces + good_salt + ",i=3,x=1",
         malformed + "garbage at the end of server-first-message"},
        {"nonce_of_somebody_else",
         1,
         "r=other" + good_salt + ",i=3",
         malformed + "its nonce does not extend ours"},
        {"nonce_not_extended",
         1,
         "r=" + client_nonce + good_salt + ",i=3",
         malformed + "its nonce does not extend ours"},
        {"nonce_with_a_space",
         1,
         "r=" + client_nonce + " x" + good_salt + ",i=3",
         malformed + "its nonce does not extend ours"},
        {"no_salt", 1, nonces + ",s=,i=3", malformed + "invalid salt"},
        {"salt_that_is_no_base64", 1, nonces + ",s=!!!!,i=3", malformed + "invalid salt"},
        {"no_iterations", 1, nonces + good_salt + ",i=0", malformed + "invalid iteration count"},
        {"negative_iterations",
         1,
         nonces + good_salt + ",i=-1",
         malformed + "invalid iteration count"},
        {"too_many_iterations",
         1,
         nonces + good_salt + ",i=10000001",
         malformed + "invalid iteration count"},
        {"text_as_iterations",
         1,
         nonces + good_salt + ",i=3x",
         malformed + "invalid iteration count"},
        {"zero_byte", 1, nonces + good_salt + ",i=3\0"s, malformed + "it holds a zero byte"},
        {"endless", 1, nonces + std::string(2000, 'x'), malformed + "it is longer than 1024 bytes"},
        {"error", 3, "e=invalid-proof", "the server refuses: invalid-proof"},
        {"error_with_control_characters", 3, "e=\x1b[2J", "the server refuses: ?[2J"},
        {"nothing_at_last", 3, "", malformed + "Expected attribute \"v\" but found \"0x00\"."},
        {"short_signature", 3, "v=AAAA", malformed + "invalid server signature"},
        {"something_behind_the_signature",
         3,
         "v=" + encode_base64(std::string(32, 'x')) + ",x=1",
         malformed + "garbage at the end of server-final-message"},
    }),
    [](const auto& tested) { return tested.param.name; }
);

TEST(scram_client, takes_messages_in_their_turn_only) {
    const auto keys = recovered_keys("pencil");
    {
        auto client = with_keys(keys);
        EXPECT_FALSE(client.check_server("v=x"));
        EXPECT_FALSE(client.finished());
    }
    {
        auto client = with_keys(keys);
        EXPECT_TRUE(std::holds_alternative<scram_failure>(client.prove(nonces + good_salt + ",i=3"))
        );
    }
    {
        auto client = with_keys(keys);
        std::ignore = client.begin("SCRAM-SHA-256\0\0"s);
        const auto second_result = client.begin("SCRAM-SHA-256\0\0"s);
        EXPECT_TRUE(std::holds_alternative<scram_failure>(second_result));
        EXPECT_FALSE(client.check_server("v=x")) << "skipping the challenge proves nothing";
    }
}

TEST(scram_client, has_no_mechanism_in_common_with_an_old_server) {
    for (const auto& mechanisms :
         {"SCRAM-SHA-1\0\0"s, "SCRAM-SHA-256-PLUS\0\0"s, "OAUTHBEARER\0\0"s}) {
        auto client = with_password("pencil");
        const auto outcome = client.begin(mechanisms);
        ASSERT_TRUE(std::holds_alternative<scram_failure>(outcome));
        EXPECT_EQ(std::get<scram_failure>(outcome).error, scram_error::no_mechanism);
    }
}

} // namespace

} // namespace wakegate::auth
