#include "proxy/wire/authentication_messages.hpp"
#include "proxy/wire/messages.hpp"
#include "tests/support/feed.hpp"
#include "tests/support/message_bytes.hpp"
#include "tests/support/segmentation.hpp"

#include <gtest/gtest.h>

#include <string>

namespace wakegate::wire {

namespace {

using namespace std::string_literals;
using support::feed;
using support::int32;
using support::text;

TEST(authentication_messages, a_server_asks_as_the_manual_says) {
    EXPECT_EQ(authentication_ok(), support::authentication_ok());
    EXPECT_EQ(
        authentication_sasl({"SCRAM-SHA-256-PLUS", "SCRAM-SHA-256"}),
        support::authentication(10, "SCRAM-SHA-256-PLUS\0SCRAM-SHA-256\0\0"s)
    );
    EXPECT_EQ(authentication_sasl_continue("r=1"), support::authentication(11, "r=1"));
    EXPECT_EQ(authentication_sasl_final("v=1"), support::authentication(12, "v=1"));
}

TEST(authentication_messages, a_notice_is_no_error) {
    EXPECT_EQ(
        notice_response({.message = "waking", .hint = "wait"}),
        support::frame('N', "SNOTICE\0VNOTICE\0C00000\0Mwaking\0Hwait\0\0"s)
    );
    EXPECT_EQ(
        notice_response({.sqlstate = "57P03", .message = "a\0b"s}),
        support::frame('N', "SNOTICE\0VNOTICE\0C57P03\0Ma\0\0"s)
    );
}

TEST(authentication_messages, a_key_has_any_length) {
    for (const std::size_t size : {8, 36, 260}) {
        const std::string key(size, 'k');
        EXPECT_EQ(backend_key_data(key), support::backend_key_data(key));
    }
}

TEST(authentication_messages, a_client_answers_as_the_manual_says) {
    EXPECT_EQ(
        sasl_initial_response("SCRAM-SHA-256", "n,,n=,r=x"),
        support::frame('p', text("SCRAM-SHA-256") + int32(9) + "n,,n=,r=x")
    );
    EXPECT_EQ(
        sasl_initial_response("SCRAM-SHA-256", std::nullopt),
        support::frame('p', text("SCRAM-SHA-256") + int32(0xffff'ffff))
    );
    EXPECT_EQ(sasl_response("c=biws"), support::frame('p', "c=biws"));
}

TEST(authentication_messages, an_initial_response_can_be_read_back) {
    const auto bytes = sasl_initial_response("SCRAM-SHA-256", "data");
    const auto parsed = parse_sasl_initial(std::string_view(bytes).substr(5));
    ASSERT_TRUE(parsed);
    EXPECT_EQ(parsed->mechanism, "SCRAM-SHA-256");
    EXPECT_EQ(parsed->data, "data");

    const auto silent = sasl_initial_response("M", std::nullopt);
    const auto parsed_silent = parse_sasl_initial(std::string_view(silent).substr(5));
    ASSERT_TRUE(parsed_silent);
    EXPECT_FALSE(parsed_silent->data);
}

struct body_case {
    const char* name;
    std::string body;
};

auto name_of_case = [](const auto& tested) { return tested.param.name; };

class authentication_messages_bad_initial_responses : public testing::TestWithParam<body_case> {};

TEST_P(authentication_messages_bad_initial_responses, are_not_read) {
    EXPECT_FALSE(parse_sasl_initial(GetParam().body));
}

INSTANTIATE_TEST_SUITE_P(
    authentication_messages,
    authentication_messages_bad_initial_responses,
    testing::ValuesIn(std::vector<body_case>{
        {"empty", ""},
        {"mechanism_without_an_end", "SCRAM"},
        {"no_length", text("M")},
        {"half_a_length", text("M") + "\0\0\0"s},
        {"length_above_the_data", text("M") + int32(5) + "data"},
        {"length_below_the_data", text("M") + int32(3) + "data"},
        {"data_that_should_not_be", text("M") + int32(0xffff'ffff) + "data"},
        {"negative_length", text("M") + int32(0xffff'fffe) + "data"},
    }),
    name_of_case
);

class authentication_messages_bad_mechanism_lists : public testing::TestWithParam<body_case> {};

TEST_P(authentication_messages_bad_mechanism_lists, are_not_read) {
    EXPECT_FALSE(parse_sasl_mechanisms(GetParam().body));
}

INSTANTIATE_TEST_SUITE_P(
    authentication_messages,
    authentication_messages_bad_mechanism_lists,
    testing::ValuesIn(std::vector<body_case>{
        {"nothing", ""},
        {"empty_list", "\0"s},
        {"no_end", "SCRAM-SHA-256\0"s},
        {"mechanism_without_an_end", "SCRAM-SHA-256"},
        {"goes_on", "SCRAM-SHA-256\0\0more"s},
    }),
    name_of_case
);

TEST(authentication_messages, what_a_server_asks_can_be_read_back) {
    const auto bytes = authentication_sasl({"A", "B"});
    const auto request = parse_authentication(std::string_view(bytes).substr(5));
    ASSERT_TRUE(request);
    EXPECT_EQ(request->kind, authentication_kind::sasl);
    EXPECT_EQ(parse_sasl_mechanisms(request->data), (std::vector<std::string_view>{"A", "B"}));
    EXPECT_FALSE(parse_authentication("\0\0\0"s));
}

TEST(authentication_messages_sasl_decoder, takes_one_message_and_no_byte_of_the_next) {
    const auto bytes = sasl_response("c=biws,r=x,p=y");
    support::under_every_segmentation(bytes + "Q", [&](const support::pieces& pieces) {
        sasl_message_decoder decoder;
        std::size_t total = 0;
        for (const auto piece : pieces) {
            total += feed(decoder, piece);
        }
        EXPECT_EQ(total, bytes.size());
        ASSERT_EQ(decoder.wanted(), 0U);
        EXPECT_EQ(decoder.error(), std::nullopt);
        EXPECT_EQ(decoder.take_body(), "c=biws,r=x,p=y");
        EXPECT_EQ(decoder.wanted(), 5U) << "new again";
    });
}

TEST(authentication_messages_sasl_decoder, takes_an_empty_body_and_the_longest) {
    for (const std::size_t size : {std::size_t{0}, sasl_message_decoder::max_sasl_body}) {
        sasl_message_decoder decoder;
        feed(decoder, support::frame('p', std::string(size, 'x')));
        ASSERT_EQ(decoder.wanted(), 0U);
        EXPECT_EQ(decoder.error(), std::nullopt);
        EXPECT_EQ(decoder.take_body().size(), size);
    }
}

struct unwelcome_case {
    const char* name;
    std::string bytes;
    std::size_t total;
    sasl_message_error error;
};

class authentication_messages_refused : public testing::TestWithParam<unwelcome_case> {};

TEST_P(authentication_messages_refused, end_with_their_header) {
    sasl_message_decoder decoder;
    EXPECT_EQ(feed(decoder, GetParam().bytes), GetParam().total);
    ASSERT_EQ(decoder.wanted(), 0U);
    EXPECT_EQ(decoder.error(), GetParam().error);
}

constexpr sasl_message_error query_message{sasl_message_errc::unexpected_type, 'Q'};
constexpr sasl_message_error invalid_length{sasl_message_errc::invalid_length};

INSTANTIATE_TEST_SUITE_P(
    authentication_messages_sasl_message_decoder,
    authentication_messages_refused,
    testing::ValuesIn(std::vector<unwelcome_case>{
        {"a_query", support::query("SELECT 1"), 5, query_message},
        {"one_byte_too_long", support::frame('p', std::string(513, 'x')), 5, invalid_length},
        {"two_gigabytes", "p\x7f\xff\xff\xff"s, 5, invalid_length},
        {"negative_length", "p\xff\xff\xff\xff"s, 5, invalid_length},
        {"length_below_its_own", "p\0\0\0\3"s, 5, invalid_length},
    }),
    name_of_case
);

} // namespace

} // namespace wakegate::wire
