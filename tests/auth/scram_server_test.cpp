#include "common/base64.hpp"
#include "proxy/auth/scram_server.hpp"
#include "proxy/wire/authentication_messages.hpp"
#include "tests/auth/scram_exchange.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace wakegate::auth {

namespace {

using namespace std::string_literals;
using support::initial;
using support::refusal_of;

const std::string rfc_nonce = "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0";
const std::string rfc_first = "n,,n=user,r=rOprNGfwEbeRWgbNEkqO";
const std::string rfc_both_nonces = "rOprNGfwEbeRWgbNEkqO" + rfc_nonce;
const std::string rfc_final =
    "c=biws,r=" + rfc_both_nonces + ",p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=";

scram_verifier rfc_verifier() {
    return scram_verifier::derive("pencil", *decode_base64("W22ZaJ0SNY7soEsUEjb6gQ=="), 4096);
}

scram_server rfc_server(std::string end_point_hash = {}) {
    const auto verifier = rfc_verifier();
    return {
        scram_account::of(&verifier, "secret", "ann"),
        {.nonce = rfc_nonce, .end_point_hash = std::move(end_point_hash)}
    };
}

/// RFC 7677 section 3.
TEST(scram_server, answers_as_in_the_example_of_rfc_7677) {
    auto server = rfc_server();
    EXPECT_EQ(server.mechanisms(), (std::vector<std::string_view>{"SCRAM-SHA-256"}));
    EXPECT_EQ(
        server.receive(initial("SCRAM-SHA-256", rfc_first)),
        scram_result(scram_challenge{"r=" + rfc_both_nonces + ",s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096"})
    );
    const auto answer = server.receive(rfc_final);
    ASSERT_TRUE(std::holds_alternative<scram_success>(answer)) << refusal_of(answer);
    const auto& success = std::get<scram_success>(answer);
    EXPECT_EQ(success.data, "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=");
    EXPECT_EQ(success.keys.salt, rfc_verifier().salt);
    EXPECT_EQ(success.keys.iterations, 4096U);
    EXPECT_EQ(success.keys.server_key, rfc_verifier().server_key);
}

TEST(scram_server, is_over_after_its_last_word) {
    auto server = rfc_server();
    std::ignore = server.receive(initial("SCRAM-SHA-256", rfc_first));
    std::ignore = server.receive(rfc_final);
    EXPECT_EQ(refusal_of(server.receive(rfc_final)), "08P01 the SASL exchange is over");
}

TEST(scram_server, offers_channel_binding_when_it_has_a_certificate) {
    EXPECT_EQ(
        rfc_server("hash").mechanisms(),
        (std::vector<std::string_view>{"SCRAM-SHA-256-PLUS", "SCRAM-SHA-256"})
    );
}

TEST(scram_server, speaks_first_to_a_client_that_sends_no_data) {
    auto server = rfc_server();
    EXPECT_EQ(
        server.receive(initial("SCRAM-SHA-256", std::nullopt)), scram_result(scram_challenge{})
    );
    EXPECT_TRUE(std::holds_alternative<scram_challenge>(server.receive(rfc_first)));
    EXPECT_TRUE(std::holds_alternative<scram_success>(server.receive(rfc_final)));
}

TEST(scram_server, passes_over_optional_extensions) {
    auto server = rfc_server();
    EXPECT_TRUE(std::holds_alternative<scram_challenge>(
        server.receive(initial("SCRAM-SHA-256", rfc_first + ",x=1,Y=2"))
    ));
}

struct first_case {
    const char* name;
    std::string mechanism;
    std::string end_point_hash;
    std::string message;
    std::string refusal; ///< SQLSTATE, message, detail
};

class scram_server_bad_first_messages : public testing::TestWithParam<first_case> {};

TEST_P(scram_server_bad_first_messages, are_refused_as_postgres_does) {
    auto server = rfc_server(GetParam().end_point_hash);
    const auto answer = server.receive(initial(GetParam().mechanism, GetParam().message));
    EXPECT_EQ(refusal_of(answer), GetParam().refusal);
}

const std::string plain = "SCRAM-SHA-256";
const std::string plus = "SCRAM-SHA-256-PLUS";
const std::string malformed = "08P01 malformed SCRAM message: ";
const std::string extension = "0A000 client requires an unsupported SCRAM extension";

INSTANTIATE_TEST_SUITE_P(
    scram_server,
    scram_server_bad_first_messages,
    testing::ValuesIn(std::vector<first_case>{
        {"unknown_mechanism",
         "SCRAM-SHA-1",
         "",
         rfc_first,
         "08P01 client selected an invalid SASL authentication mechanism"},
        {"binding_without_tls",
         plus,
         "",
         "p=tls-server-end-point,,n=,r=x",
         "08P01 client selected an invalid SASL authentication mechanism"},
        {"empty", plain, "", "", malformed + "The message is empty."},
        {"zero_byte",
         plain,
         "",
         "n,,n=,r=x\0y"s,
         malformed + "Message length does not match input length."},
        {"unknown_flag",
         plain,
         "",
         "q,,n=,r=x",
         malformed + "Unexpected channel-binding flag \"'q'\"."},
        {"control_character_as_flag",
         plain,
         "",
         "\x1f,,n=,r=x",
         malformed + "Unexpected channel-binding flag \"0x1f\"."},
        {"flag_alone", plain, "", "n", malformed + "Comma expected, but found character \"0x00\"."},
        {"no_comma",
         plain,
         "",
         "n;,n=,r=x",
         malformed + "Comma expected, but found character \"';'\"."},
        {"authorization_identity",
         plain,
         "",
         "n,a=root,n=,r=x",
         "0A000 client uses authorization identity, but it is not supported"},
        {"no_second_comma",
         plain,
         "",
         "n,n=,r=x",
         malformed + "Unexpected attribute \"'n'\" in client-first-message."},
        {"mandatory_extension", plain, "", "n,,m=1,n=,r=x", extension},
        {"mandatory_extension_at_the_end", plain, "", "n,,n=,r=x,m=1", extension},
        {"order", plain, "", "n,,r=x,n=", malformed + "Expected attribute \"n\" but found \"'r'\"."
        },
        {"no_user", plain, "", "n,,", malformed + "Expected attribute \"n\" but found \"0x00\"."},
        {"no_nonce", plain, "", "n,,n=", malformed + "Expected attribute \"r\" but found \"0x00\"."
        },
        {"no_value",
         plain,
         "",
         "n,,n=,r",
         malformed + "Expected character \"=\" for attribute \"r\"."},
        {"empty_nonce", plain, "", "n,,n=,r=", "08P01 non-printable characters in SCRAM nonce"},
        {"space_in_nonce", plain, "", "n,,n=,r=a b", "08P01 non-printable characters in SCRAM nonce"
        },
        {"umlaut_in_nonce",
         plain,
         "",
         "n,,n=,r=\xc3\xbc",
         "08P01 non-printable characters in SCRAM nonce"},
        {"second_nonce",
         plain,
         "",
         "n,,n=,r=x,r=y",
         malformed + "Attribute expected, but found invalid character \"'r'\"."},
        {"second_extension",
         plain,
         "",
         "n,,n=,r=x,k=1,k=2",
         malformed + "Attribute expected, but found invalid character \"'k'\"."},
        {"comma_at_the_end",
         plain,
         "",
         "n,,n=,r=x,",
         malformed + "Attribute expected, but found invalid character \"0x00\"."},
        {"binding_hidden_from_the_client",
         plain,
         "hash",
         "y,,n=,r=x",
         "28000 SCRAM channel binding negotiation error: The client supports SCRAM channel binding "
         "but thinks the server does not.  However, this server does support channel binding."},
        {"binding_chosen_and_not_used",
         plus,
         "hash",
         "n,,n=,r=x",
         malformed + "The client selected SCRAM-SHA-256-PLUS, but the SCRAM message does not "
                     "include channel binding data."},
        {"binding_not_chosen_and_used",
         plain,
         "hash",
         "p=tls-server-end-point,,n=,r=x",
         malformed + "The client selected SCRAM-SHA-256 without channel binding, but the SCRAM "
                     "message includes channel binding data."},
        {"other_binding",
         plus,
         "hash",
         "p=tls-unique,,n=,r=x",
         "08P01 unsupported SCRAM channel-binding type: Only tls-server-end-point is supported."},
        {"binding_without_a_type",
         plus,
         "hash",
         "p,,n=,r=x",
         malformed + "Expected character \"=\" for attribute \"p\"."},
        {"too_long", plain, "", "n,,n=,r=" + std::string(500, 'x'), "08P01 SASL message is too long"
        },
    }),
    [](const auto& tested) { return tested.param.name; }
);

struct final_case {
    const char* name;
    std::string message;
    std::string refusal;
};

class scram_server_bad_final_messages : public testing::TestWithParam<final_case> {};

TEST_P(scram_server_bad_final_messages, are_refused_as_postgres_does) {
    auto server = rfc_server();
    std::ignore = server.receive(initial("SCRAM-SHA-256", rfc_first));
    EXPECT_EQ(refusal_of(server.receive(GetParam().message)), GetParam().refusal);
}

const std::string start = "c=biws,r=" + rfc_both_nonces;
const std::string no_proof = ",p=" + encode_base64(std::string(32, '\0'));
const std::string wrong_binding =
    "08P01 unexpected SCRAM channel-binding attribute in client-final-message";

INSTANTIATE_TEST_SUITE_P(
    scram_server,
    scram_server_bad_final_messages,
    testing::ValuesIn(std::vector<final_case>{
        {"wrong_proof", start + no_proof, "28P01 password authentication failed for user \"ann\""},
        {"changed_extension",
         start + ",x=1" + rfc_final.substr(start.size()),
         "28P01 password authentication failed for user \"ann\""},
        {"first_message_again", rfc_first, malformed + "Expected attribute \"c\" but found \"'n'\"."
        },
        {"empty", "", malformed + "The message is empty."},
        {"other_header", "c=eSws,r=" + rfc_both_nonces + no_proof, wrong_binding},
        {"binding_out_of_nowhere",
         "c=" + encode_base64("p=tls-server-end-point,,hash") + ",r=" + rfc_both_nonces + no_proof,
         wrong_binding},
        {"nonce_of_the_client_alone",
         "c=biws,r=rOprNGfwEbeRWgbNEkqO" + no_proof,
         "08P01 invalid SCRAM response: Nonce does not match."},
        {"longer_nonce",
         start + "x" + no_proof,
         "08P01 invalid SCRAM response: Nonce does not match."},
        {"no_proof", start, malformed + "Attribute expected, but found end of string."},
        {"order",
         "r=" + rfc_both_nonces + ",c=biws" + no_proof,
         malformed + "Expected attribute \"c\" but found \"'r'\"."},
        {"second_nonce",
         start + ",r=x" + no_proof,
         malformed + "Attribute expected, but found invalid character \"'r'\"."},
        {"mandatory_extension", start + ",m=1" + no_proof, extension},
        {"short_proof", start + ",p=AAAA", malformed + "Malformed proof in client-final-message."},
        {"proof_that_is_no_base64",
         start + ",p=" + std::string(44, '!'),
         malformed + "Malformed proof in client-final-message."},
        {"something_behind_the_proof",
         rfc_final + ",x=1",
         malformed + "Garbage found at the end of client-final-message."},
        {"comma_behind_the_proof",
         rfc_final + ",",
         malformed + "Garbage found at the end of client-final-message."},
        {"line_end_behind_the_proof",
         rfc_final + "\n",
         malformed + "Malformed proof in client-final-message."},
        {"two_proofs",
         rfc_final + ",p=AAAA",
         malformed + "Garbage found at the end of client-final-message."},
    }),
    [](const auto& tested) { return tested.param.name; }
);

TEST(scram_server, refuses_a_right_proof_of_a_role_that_may_not_log_in) {
    scram_server server({.verifier = rfc_verifier(), .may_log_in = false}, {.nonce = rfc_nonce});
    std::ignore = server.receive(initial("SCRAM-SHA-256", rfc_first));
    EXPECT_EQ(
        refusal_of(server.receive(rfc_final)),
        "28P01 password authentication failed for user \"ann\""
    );
}

TEST(scram_server, tells_an_unknown_role_apart_by_nothing) {
    const auto known = rfc_verifier();
    const auto unknown = scram_account::of(nullptr, "secret", "bob");
    EXPECT_FALSE(unknown.may_log_in);
    EXPECT_EQ(unknown.verifier.salt.size(), known.salt.size());
    EXPECT_EQ(unknown.verifier.iterations, known.iterations);
    EXPECT_EQ(scram_account::of(nullptr, "secret", "bob").verifier, unknown.verifier);
    EXPECT_NE(scram_account::of(nullptr, "secret", "eve").verifier.salt, unknown.verifier.salt);
    EXPECT_NE(scram_account::of(nullptr, "other", "bob").verifier.salt, unknown.verifier.salt);

    scram_server server(unknown, {.nonce = rfc_nonce});
    const auto challenge = server.receive(initial("SCRAM-SHA-256", rfc_first));
    ASSERT_TRUE(std::holds_alternative<scram_challenge>(challenge));
    EXPECT_EQ(
        refusal_of(server.receive(rfc_final), "bob"),
        "28P01 password authentication failed for user \"bob\""
    );
}

} // namespace

} // namespace wakegate::auth
