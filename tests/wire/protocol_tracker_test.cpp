#include "proxy/wire/protocol_tracker.hpp"
#include "tests/support/message_bytes.hpp"
#include "tests/support/segmentation.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <random>
#include <string>

namespace wakegate::wire {

namespace {

using namespace std::string_literals;
using namespace support;

const std::string ready = ready_for_query('I');
const std::string key = "\1\2\3\4\5\6\7\0"s;
const std::string login = authentication_ok() + parameter_status("server_version", "15.6") +
                          backend_key_data(key) + ready;

/// Feeds the server's bytes under every segmentation to a session of its own, then looks at it.
void after_server(const std::string& bytes, const std::function<void(protocol_tracker&)>& look) {
    under_every_segmentation(bytes, [&](const pieces& cuts) {
        protocol_tracker session;
        for (const auto piece : cuts) {
            session.server_sent(piece);
        }
        look(session);
    });
}

TEST(protocol_tracker, is_busy_until_the_login_is_done) {
    for (std::size_t size = 0; size < login.size(); ++size) {
        after_server(login.substr(0, size), [](const protocol_tracker& session) {
            EXPECT_TRUE(session.busy());
            EXPECT_FALSE(session.logged_in());
        });
    }
    after_server(login, [](const protocol_tracker& session) {
        EXPECT_FALSE(session.busy());
        EXPECT_TRUE(session.logged_in());
    });
}

TEST(protocol_tracker, does_not_take_the_end_of_the_login_for_an_answer) {
    protocol_tracker session;
    session.client_sent(frame('p', "secret") + query("SELECT 1"));
    session.server_sent(login);
    EXPECT_TRUE(session.busy());
    session.server_sent(command_complete("SELECT 1") + ready);
    EXPECT_FALSE(session.busy());
}

TEST(protocol_tracker, gives_the_key_once) {
    for (const std::size_t size : {8, 36, 260}) {
        const std::string longer(size, 'k');
        after_server(
            authentication_ok() + backend_key_data(longer),
            [&](protocol_tracker& session) {
                EXPECT_TRUE(session.has_key());
                EXPECT_EQ(session.take_key(), longer);
                EXPECT_FALSE(session.has_key());
                EXPECT_EQ(session.take_key(), "");
            }
        );
    }
}

TEST(protocol_tracker, has_no_key_before_all_of_it_has_passed) {
    const auto message = backend_key_data(key);
    for (std::size_t size = 0; size < message.size(); ++size) {
        after_server(message.substr(0, size), [](const protocol_tracker& session) {
            EXPECT_FALSE(session.has_key());
        });
    }
}

TEST(protocol_tracker, passes_over_keys_that_no_cancel_request_can_carry) {
    for (const std::size_t size : {0, 7, 261}) {
        after_server(
            backend_key_data(std::string(size, 'k')) + ready,
            [](protocol_tracker& session) {
                EXPECT_FALSE(session.has_key());
                EXPECT_FALSE(session.desynchronised());
                EXPECT_TRUE(session.logged_in());
            }
        );
    }
}

TEST(protocol_tracker, listens_from_listen_to_discard_all) {
    const auto listens_after = [](const std::string& tag, bool before, bool expected) {
        const auto bytes = (before ? command_complete("LISTEN") : ""s) + command_complete(tag);
        after_server(bytes, [&](const protocol_tracker& session) {
            EXPECT_EQ(session.listening(), expected) << tag;
        });
    };
    listens_after("LISTEN", false, true);
    listens_after("LISTEN", true, true);
    listens_after("DISCARD ALL", true, false);
    listens_after("DISCARD ALL", false, false);
    for (const auto* const tag : {"UNLISTEN", "NOTIFY", "DISCARD PLANS", "SELECT", "LISTENS", ""}) {
        listens_after(tag, false, false);
        listens_after(tag, true, true);
    }
}

TEST(protocol_tracker, does_not_take_a_row_or_a_notice_for_a_tag) {
    after_server(
        frame('D', text("LISTEN")) + frame('N', text("LISTEN")),
        [](protocol_tracker& session) { EXPECT_FALSE(session.listening()); }
    );
}

struct termination {
    const char* name;
    std::string bytes;
    bool expected;
};

class protocol_tracker_termination : public testing::TestWithParam<termination> {};

TEST_P(protocol_tracker_termination, are_told_by_the_severity_of_the_last_error) {
    after_server(login + GetParam().bytes, [](const protocol_tracker& session) {
        EXPECT_EQ(session.server_sent_fatal(), GetParam().expected);
    });
}

INSTANTIATE_TEST_SUITE_P(
    protocol_tracker,
    protocol_tracker_termination,
    testing::ValuesIn(std::vector<termination>{
        {"fatal", error("FATAL", "57P01"), true},
        {"panic", error("PANIC", "XX000"), true},
        {"error", error("ERROR", "22012"), false},
        {"error_behind_fatal", error("FATAL", "57P01") + error("ERROR", "22012"), false},
        {"fatal_as_a_notice", frame('N', error_body("FATAL", "57P01")), false},
        {"translated", frame('E', "S\xd0\x92\xd0\x90\xd0\x96\xd0\x9d\xd0\x9e\0VFATAL\0\0"s), true},
        {"translated_error", frame('E', "SFATAL\0VERROR\0\0"s), false},
        {"poolers_and_old_servers_give_one_severity", frame('E', "SFATAL\0C08P01\0\0"s), true},
        {"no_severity", frame('E', "C57P01\0\0"s), false},
        {"empty", frame('E'), false},
        {"no_list_of_fields", frame('E', "FATAL"), false},
        {"severity_far_beyond_the_prefix",
         frame('E', "M" + std::string(100, 'x') + "\0VFATAL\0\0"s),
         false},
    }),
    [](const auto& tested) { return tested.param.name; }
);

TEST(protocol_tracker, hears_the_clients_goodbye) {
    protocol_tracker session;
    session.server_sent(login);
    session.client_sent(terminate().substr(0, 4));
    EXPECT_FALSE(session.client_sent_terminate());
    session.client_sent(terminate().substr(4));
    EXPECT_TRUE(session.client_sent_terminate());
}

TEST(protocol_tracker, knows_where_the_servers_messages_end) {
    protocol_tracker session;
    for (const auto& message : {login, copy_data("0123456789"), notice()}) {
        EXPECT_TRUE(session.server_at_boundary());
        const auto last = message.size() - 1;
        session.server_sent(message.substr(0, last));
        EXPECT_FALSE(session.server_at_boundary());
        session.server_sent(message.substr(last));
    }
    EXPECT_TRUE(session.server_at_boundary());
}

TEST(protocol_tracker, is_lost_and_busy_for_good_after_a_length_no_message_can_have) {
    for (const std::uint32_t length : {0U, 3U, 0x8000'0000U, 0xffff'ffffU}) {
        const auto bytes = login + "D" + int32(length) + error("FATAL", "57P01") + ready;
        after_server(bytes, [](protocol_tracker& session) {
            EXPECT_TRUE(session.desynchronised());
            EXPECT_TRUE(session.busy());
            EXPECT_FALSE(session.server_at_boundary());
            EXPECT_FALSE(session.server_sent_fatal());
            EXPECT_TRUE(session.has_key());
        });

        protocol_tracker session;
        session.server_sent(login);
        session.client_sent("Q" + int32(length));
        EXPECT_TRUE(session.desynchronised());
        session.server_sent(ready);
        EXPECT_TRUE(session.busy());
    }
}

TEST(protocol_tracker, takes_a_ready_for_query_without_a_status_for_no_answer) {
    after_server(login + frame('Z'), [](protocol_tracker& session) {
        session.client_sent(query("SELECT 1"));
        session.server_sent(frame('Z'));
        EXPECT_TRUE(session.busy());
        EXPECT_FALSE(session.desynchronised());
    });
}

TEST(protocol_tracker, sees_the_same_in_random_bytes_whole_and_one_by_one) {
    std::mt19937 random(1); // the same bytes in every run
    const auto script =
        login + command_complete("LISTEN") + data_row("1") + ready + error("FATAL", "57P01");
    for (int round = 0; round < 5'000; ++round) {
        auto bytes = script;
        for (int changes = 0; changes < 1 + round % 8; ++changes) {
            bytes[random() % bytes.size()] = static_cast<char>(random());
        }
        protocol_tracker whole;
        whole.server_sent(bytes);
        protocol_tracker bytewise;
        for (const auto byte : one_byte_at_a_time(bytes)) {
            bytewise.server_sent(byte);
        }
        EXPECT_EQ(whole.busy(), bytewise.busy());
        EXPECT_EQ(whole.desynchronised(), bytewise.desynchronised());
        EXPECT_EQ(whole.listening(), bytewise.listening());
        EXPECT_EQ(whole.server_at_boundary(), bytewise.server_at_boundary());
        EXPECT_EQ(whole.server_sent_fatal(), bytewise.server_sent_fatal());
        EXPECT_EQ(whole.take_key(), bytewise.take_key());
    }
}

} // namespace

} // namespace wakegate::wire
