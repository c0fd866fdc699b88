#include "proxy/wire/messages.hpp"
#include "tests/support/message_bytes.hpp"

#include <gtest/gtest.h>

#include <string>

namespace wakegate::wire {

namespace {

using namespace std::string_literals;

TEST(messages, an_error_response_carries_severity_sqlstate_message_and_hint) {
    const auto bytes =
        error_response({.sqlstate = "57P03", .message = "asleep", .hint = "try again"});
    EXPECT_EQ(bytes, support::frame('E', "SFATAL\0VFATAL\0C57P03\0Masleep\0Htry again\0\0"s));
}

TEST(messages, an_error_response_has_no_hint_when_none_is_given) {
    const auto bytes = error_response({.sqlstate = "53300", .message = "full"});
    EXPECT_EQ(bytes, support::frame('E', "SFATAL\0VFATAL\0C53300\0Mfull\0\0"s));
}

TEST(messages, a_zero_byte_in_a_text_cannot_forge_a_field) {
    const auto bytes = error_response({.sqlstate = "3D000", .message = "no \0C00000"s});
    EXPECT_EQ(bytes, support::frame('E', "SFATAL\0VFATAL\0C3D000\0Mno \0\0"s));
}

TEST(messages, a_cancel_request_carries_keys_of_any_length) {
    for (const std::size_t size : {8, 36, 260}) {
        const std::string key(size, 'k');
        EXPECT_EQ(cancel_request_message(key), support::cancel_request(key));
    }
}

struct body_case {
    const char* name;
    std::string body;
    std::string sqlstate;
};

class messages_error_bodies : public testing::TestWithParam<body_case> {};

TEST_P(messages_error_bodies, give_their_sqlstate_or_nothing) {
    EXPECT_EQ(error_field(GetParam().body, 'C'), GetParam().sqlstate);
}

INSTANTIATE_TEST_SUITE_P(
    messages,
    messages_error_bodies,
    testing::ValuesIn(std::vector<body_case>{
        {"as_postgres_writes_it", support::error_body("FATAL", "57P03"), "57P03"},
        {"first_field", "C28P01\0SFATAL\0\0"s, "28P01"},
        {"letter_inside_a_value", "MC12345\0C28P01\0\0"s, "28P01"},
        {"without_the_last_zero", "SFATAL\0C28P01\0"s, "28P01"},
        {"empty", "", ""},
        {"terminator_alone", "\0"s, ""},
        {"field_absent", "SFATAL\0Mno state\0\0"s, ""},
        {"field_behind_the_terminator", "SFATAL\0\0C28P01\0"s, ""},
        {"value_without_an_end", "SFATAL\0C28P01"s, ""},
        {"empty_value", "SFATAL\0C\0\0"s, ""},
    }),
    [](const auto& tested) { return tested.param.name; }
);

TEST(messages, an_error_response_can_be_read_back) {
    const auto bytes = error_response({.sqlstate = "08P01", .message = "m", .hint = "h"});
    const auto body = std::string_view(bytes).substr(5);
    EXPECT_EQ(error_field(body, 'S'), "FATAL");
    EXPECT_EQ(error_field(body, 'V'), "FATAL");
    EXPECT_EQ(error_field(body, 'C'), "08P01");
    EXPECT_EQ(error_field(body, 'M'), "m");
    EXPECT_EQ(error_field(body, 'H'), "h");
}

} // namespace

} // namespace wakegate::wire
