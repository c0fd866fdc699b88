#include "proxy/wire/login_reply.hpp"
#include "tests/support/message_bytes.hpp"

#include <gtest/gtest.h>

#include <random>
#include <string>

namespace wakegate::wire {

namespace {

using namespace std::string_literals;

const std::string greeting = support::authentication_ok() +
                             support::parameter_status("server_version", "15.6") +
                             support::backend_key_data("12345678");
const std::string fork_failure =
    "Ecould not fork new process for connection: Cannot allocate memory\n\0"s;
const std::string no_protocol =
    support::frame('v', support::int32(0x0003'0000) + support::int32(0));

struct reply {
    const char* name;
    std::string bytes;
    login_reply verdict;
    /// How many bytes decide; by default all of them are needed.
    std::size_t enough = bytes.size();
};

class login_reply_cases : public testing::TestWithParam<reply> {};

/// Also the segmentation test: `classify_login_reply` gets every prefix of the bytes.
TEST_P(login_reply_cases, are_decided_by_their_first_telling_byte) {
    const auto& [name, bytes, verdict, enough] = GetParam();
    for (std::size_t size = 0; size <= bytes.size(); ++size) {
        const auto expected = size < enough ? login_reply::incomplete : verdict;
        ASSERT_EQ(classify_login_reply(bytes.substr(0, size)), expected) << size << " bytes";
    }
}

INSTANTIATE_TEST_SUITE_P(
    login_reply_decided,
    login_reply_cases,
    testing::ValuesIn(std::vector<reply>{
        {"cleartext_password", support::authentication(3), login_reply::proceed},
        {"md5_password", support::authentication(5, "salt"), login_reply::proceed, 9},
        {"sasl", support::authentication(10, "SCRAM-SHA-256\0\0"s), login_reply::proceed, 9},
        {"gss", support::authentication(7), login_reply::proceed},
        {"trust",
         greeting + support::ready_for_query('I'),
         login_reply::proceed,
         greeting.size() + 5},
        {"notice_and_protocol_negotiation_before_sasl",
         support::notice() + no_protocol + support::authentication(10),
         login_reply::proceed},
        {"starting_up", support::error("FATAL", "57P03"), login_reply::unavailable},
        {"shutting_down", support::error("FATAL", "57P01"), login_reply::unavailable},
        {"crashed", support::error("WARNING", "57P02"), login_reply::unavailable},
        {"shutting_down_in_mid_greeting",
         greeting + support::error("FATAL", "57P01"),
         login_reply::unavailable},
        {"too_many_clients", support::error("FATAL", "53300"), login_reply::refused},
        {"no_such_database", greeting + support::error("FATAL", "3D000"), login_reply::refused},
        {"error_without_an_sqlstate", support::frame('E', "SFATAL\0Mno\0\0"s), login_reply::refused
        },
        {"error_that_is_no_list_of_fields", support::frame('E', "C57P03"), login_reply::refused},
        {"fork_failure_in_the_way_of_protocol_2", fork_failure, login_reply::refused},
    }),
    [](const auto& tested) { return tested.param.name; }
);

INSTANTIATE_TEST_SUITE_P(
    login_reply_malformed,
    login_reply_cases,
    testing::ValuesIn(std::vector<reply>{
        {"http", "HTTP/1.1 400 Bad Request\r\n", login_reply::malformed, 5},
        {"ssh", "SSH-2.0-OpenSSH_9.2\r\n", login_reply::malformed, 5},
        {"length_below_four", "S" + support::int32(3), login_reply::malformed},
        {"negative_length", "S" + support::int32(0xffff'ffff), login_reply::malformed},
        {"longer_than_all_replies_may_be",
         "S" + support::int32(max_login_reply),
         login_reply::malformed},
        {"authentication_without_a_code", support::frame('R', "123"), login_reply::malformed, 5},
        {"rows_before_the_login",
         greeting + support::data_row("1"),
         login_reply::malformed,
         greeting.size() + 5},
        {"error_too_long_in_mid_greeting",
         greeting + "E" + support::int32(max_login_reply),
         login_reply::malformed},
    }),
    [](const auto& tested) { return tested.param.name; }
);

TEST(login_reply, a_greeting_alone_decides_nothing) {
    EXPECT_EQ(classify_login_reply(greeting), login_reply::incomplete);
    EXPECT_EQ(classify_login_reply({}), login_reply::incomplete);
}

TEST(login_reply, a_greeting_without_an_end_is_malformed) {
    std::string bytes = support::authentication_ok();
    while (bytes.size() < max_login_reply) {
        ASSERT_EQ(classify_login_reply(bytes), login_reply::incomplete);
        bytes += support::parameter_status("name", std::string(1000, 'x'));
    }
    EXPECT_EQ(classify_login_reply(bytes), login_reply::malformed);
}

TEST(login_reply, a_greeting_that_fills_the_limit_is_malformed) {
    constexpr std::size_t header_and_zero_bytes = 7;
    const std::string filler(max_login_reply - header_and_zero_bytes, 'x');
    const auto bytes = support::parameter_status("", filler);
    ASSERT_EQ(bytes.size(), max_login_reply);
    EXPECT_EQ(classify_login_reply(bytes), login_reply::malformed);
    EXPECT_EQ(classify_login_reply(bytes + support::ready_for_query('I')), login_reply::malformed);
}

TEST(login_reply, a_plain_error_without_an_end_is_malformed) {
    EXPECT_EQ(classify_login_reply("E" + std::string(29'999, 'x')), login_reply::incomplete);
    EXPECT_EQ(classify_login_reply("E" + std::string(30'000, 'x')), login_reply::malformed);
}

TEST(login_reply, a_verdict_on_random_bytes_never_changes_with_more_of_them) {
    std::mt19937 random(1); // the same bytes in every run
    for (int round = 0; round < 2'000; ++round) {
        auto bytes = greeting + support::error("FATAL", "57P03") + support::ready_for_query('I');
        for (int changes = 0; changes < 1 + round % 4; ++changes) {
            bytes[random() % bytes.size()] = static_cast<char>(random());
        }
        const auto whole = classify_login_reply(bytes);
        for (std::size_t size = 0; size < bytes.size(); ++size) {
            const auto early = classify_login_reply(bytes.substr(0, size));
            ASSERT_TRUE(early == login_reply::incomplete || early == whole) << size;
        }
    }
}

} // namespace

} // namespace wakegate::wire
