#include "common/base64.hpp"
#include "proxy/auth/scram_verifier.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <string>
#include <vector>

namespace wakegate::auth {

namespace {

using namespace std::string_literals;

const std::string salt = "k+AI/urVCY8+/yl6yjWbgQ==";
const std::string key_one = "LWhc6+4AO1ZeHoMAXc22DnPdg9/zuNZYM52TmYwKpo8=";
const std::string key_two = "8CFwsRIYHKbAkFq3XkiXWnQ0QoRh+LjL2fDKH43jIH4=";

std::string verifier_text(
    const std::string& iterations, const std::string& encoded_salt, const std::string& keys
) {
    return "SCRAM-SHA-256$" + iterations + ":" + encoded_salt + "$" + keys;
}

const std::string keys = key_one + ":" + key_two;

TEST(scram_verifier, is_read_and_written_as_postgres_stores_it) {
    const auto text = verifier_text("4096", salt, keys);
    const auto verifier = scram_verifier::parse(text);
    ASSERT_TRUE(verifier);
    EXPECT_EQ(verifier->iterations, 4096U);
    EXPECT_EQ(verifier->salt.size(), scram_verifier::default_salt_size);
    EXPECT_EQ(encode_base64(verifier->stored_key.view()), key_one);
    EXPECT_EQ(encode_base64(verifier->server_key.view()), key_two);
    EXPECT_EQ(verifier->text(), text);
}

TEST(scram_verifier, has_any_number_of_iterations_and_any_salt_within_bounds) {
    for (const auto* const iterations : {"1", "10000000"}) {
        EXPECT_TRUE(scram_verifier::parse(verifier_text(iterations, salt, keys))) << iterations;
    }
    for (const std::size_t size : {1, 2, 3, 17, 256}) {
        const auto encoded = encode_base64(std::string(size, '\xff'));
        EXPECT_TRUE(scram_verifier::parse(verifier_text("1", encoded, keys))) << size;
    }
}

struct text_case {
    const char* name;
    std::string text;
};

class scram_verifier_damaged : public testing::TestWithParam<text_case> {};

TEST_P(scram_verifier_damaged, are_not_read) {
    EXPECT_FALSE(scram_verifier::parse(GetParam().text)) << GetParam().text;
}

INSTANTIATE_TEST_SUITE_P(
    scram_verifier,
    scram_verifier_damaged,
    testing::ValuesIn(std::vector<text_case>{
        {"empty", ""},
        {"plain_password", "pencil"},
        {"md5", "md5b6f7f5b4a8b5f8a6b9b1a2c3d4e5f607"},
        {"lower_case", "scram-sha-256$4096:" + salt + "$" + keys},
        {"other_hash", "SCRAM-SHA-512$4096:" + salt + "$" + keys},
        {"prefix_alone", "SCRAM-SHA-256$"},
        {"space_in_front", " " + verifier_text("4096", salt, keys)},
        {"line_end_behind", verifier_text("4096", salt, keys) + "\n"},
        {"zero_byte_behind", verifier_text("4096", salt, keys) + "\0"s},
        {"no_iterations", verifier_text("", salt, keys)},
        {"zero_iterations", verifier_text("0", salt, keys)},
        {"negative_iterations", verifier_text("-1", salt, keys)},
        {"signed_iterations", verifier_text("+4096", salt, keys)},
        {"leading_zero", verifier_text("04096", salt, keys)},
        {"leading_space", verifier_text(" 4096", salt, keys)},
        {"hexadecimal_iterations", verifier_text("0x1000", salt, keys)},
        {"too_many_iterations", verifier_text("10000001", salt, keys)},
        {"iterations_of_65_bits", verifier_text("36893488147419107328", salt, keys)},
        {"no_salt", verifier_text("4096", "", keys)},
        {"long_salt", verifier_text("4096", encode_base64(std::string(257, 's')), keys)},
        {"salt_without_padding", verifier_text("4096", "k+AI/urVCY8+/yl6yjWbgQ", keys)},
        {"salt_with_bits_behind_its_end", verifier_text("4096", "k+AI/urVCY8+/yl6yjWbgR==", keys)},
        {"salt_with_a_space", verifier_text("4096", "k+AI/urVCY8+/yl6yjWb gQ=", keys)},
        {"salt_of_the_url_alphabet", verifier_text("4096", "k-AI_urVCY8-_yl6yjWbgQ==", keys)},
        {"padding_inside", verifier_text("4096", "k+==/urVCY8+/yl6yjWbgQ==", keys)},
        {"three_letters_of_padding", verifier_text("4096", "k===", keys)},
        {"padding_alone", verifier_text("4096", "====", keys)},
        {"one_key", verifier_text("4096", salt, key_one)},
        {"empty_key", verifier_text("4096", salt, key_one + ":")},
        {"three_keys", verifier_text("4096", salt, keys + ":" + key_one)},
        {"short_key", verifier_text("4096", salt, key_one + ":" + encode_base64("short"))},
        {"long_key",
         verifier_text("4096", salt, encode_base64(std::string(33, 'k')) + ":" + key_two)},
    }),
    [](const auto& tested) { return tested.param.name; }
);

/// RFC 7677 section 3 has no verifier, but the proof in its example follows from this one; see
/// scram_server_test.
TEST(scram_verifier, of_the_example_in_rfc_7677) {
    const auto verifier =
        scram_verifier::derive("pencil", *decode_base64("W22ZaJ0SNY7soEsUEjb6gQ=="), 4096);
    EXPECT_EQ(
        verifier.text(),
        verifier_text(
            "4096",
            "W22ZaJ0SNY7soEsUEjb6gQ==",
            "WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:"
            "wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU="
        )
    );
}

std::string decode_hexadecimal(const std::string& digits) {
    std::string bytes;
    for (std::size_t at = 0; at < digits.size(); at += 2) {
        bytes.push_back(static_cast<char>(std::stoi(digits.substr(at, 2), nullptr, 16)));
    }
    return bytes;
}

/// SASLprep, PBKDF2 and the keys together, against Postgres 15 itself; see ask_postgres.py.
TEST(scram_verifier, is_what_postgres_makes_of_the_same_password) {
    std::ifstream file(GOLDEN_FOLDER "/postgres_verifiers.txt");
    std::string name;
    std::string password;
    std::string expected;
    int cases = 0;
    while (file >> name >> password >> expected) {
        const auto verifier = scram_verifier::parse(expected);
        ASSERT_TRUE(verifier) << name;
        const auto derived = scram_verifier::derive(
            decode_hexadecimal(password), verifier->salt, verifier->iterations
        );
        EXPECT_EQ(derived.text(), expected) << name;
        ++cases;
    }
    EXPECT_GE(cases, 40);
}

} // namespace

} // namespace wakegate::auth
