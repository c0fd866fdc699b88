#include "proxy/relay/relay_loop.hpp"
#include "tests/support/secured_session.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <thread>

// Run twice: over plain sockets, and over those of tests/support/hostile_sockets.cpp.

namespace wakegate::proxy {
namespace {

using namespace support;
using ::testing::HasSubstr;
using ::testing::Not;

std::string random_bytes(std::size_t size, std::uint64_t seed) {
    std::mt19937_64 source(seed);
    std::string bytes(size, '\0');
    for (auto& byte : bytes) {
        byte = static_cast<char>(source());
    }
    return bytes;
}

class secured_relay : public testing::TestWithParam<int> {
protected:
    [[nodiscard]] static tls_client_wishes wishes() { return {.highest = GetParam()}; }

    relay_loop loop;
};

TEST_P(secured_relay, passes_questions_and_answers_and_sees_busy_and_idle) {
    const auto session = relay_secured_login(loop, wishes());
    const auto question = query("SELECT 1");
    const auto answer = data_row("1") + command_complete("SELECT 1") + ready_for_query('I');
    for (int i = 0; i < 100; ++i) {
        session.client->send_all(question);
        ASSERT_EQ(session.server.receive(question.size()), question);
        session.server.send_all(answer);
        ASSERT_EQ(session.client->receive(answer.size()), answer);
    }
    EXPECT_TRUE(session.events->reach("idle"));
}

TEST_P(secured_relay, passes_megabytes_up_untouched) {
    const auto session = relay_secured_login(loop, wishes());
    const auto upwards = random_bytes(8 << 20, 1);
    std::thread client_speaks([&] {
        for (std::size_t at = 0; at < upwards.size(); at += 100'000) {
            session.client->send_all(std::string_view(upwards).substr(at, 100'000));
        }
    });
    EXPECT_TRUE(session.server.receive(upwards.size()) == upwards);
    client_speaks.join();
}

TEST_P(secured_relay, passes_megabytes_down_untouched) {
    const auto session = relay_secured_login(loop, wishes());
    const auto downwards = random_bytes(8 << 20, 2);
    std::thread server_speaks([&] { session.server.send_all(downwards); });
    EXPECT_TRUE(session.client->receive(downwards.size()) == downwards);
    server_speaks.join();
}

TEST_P(secured_relay, delivers_the_answer_to_a_client_that_stopped_sending) {
    const auto session = relay_secured_login(loop, wishes());
    const auto question = query("SELECT 1");
    const auto answer = data_row(std::string(1 << 20, 'x')) + ready_for_query('I');
    session.client->send_all(question);
    session.client->shutdown_send();
    EXPECT_EQ(session.server.receive_all(), question);
    std::thread server_speaks([&] {
        session.server.send_all(answer);
        session.server.shutdown_send();
    });
    EXPECT_TRUE(session.client->receive_all() == answer);
    EXPECT_TRUE(session.client->said_goodbye());
    server_speaks.join();
    session.socket.shutdown_send();
    EXPECT_TRUE(session.events->reach("ended"));
}

TEST_P(secured_relay, says_08006_and_goodbye_for_a_server_that_vanishes) {
    auto session = relay_secured_login(loop, wishes());
    session.server.hang_up();
    EXPECT_THAT(session.client->receive_all(), HasSubstr("C08006"));
}

TEST_P(secured_relay, ends_when_the_client_leaves_without_goodbye) {
    auto session = relay_secured_login(loop, wishes());
    session.client->send_all(terminate());
    session.socket.hang_up();
    EXPECT_EQ(session.server.receive_all(), terminate());
    session.server.hang_up();
    EXPECT_TRUE(session.events->reach("ended"));
}

TEST_P(secured_relay, ends_when_the_client_says_what_is_no_tls) {
    auto session = relay_secured_login(loop, wishes());
    session.socket.send_all(std::string(100, 'Q'));
    EXPECT_EQ(session.server.receive_all(), "");
    session.server.hang_up();
    session.socket.hang_up();
    EXPECT_TRUE(session.events->reach("ended"));
}

TEST_P(secured_relay, tells_its_clients_when_it_drains) {
    const auto session = relay_secured_login(loop, wishes());
    loop.drain();
    EXPECT_THAT(session.client->receive_all(), HasSubstr("C57P01"));
    EXPECT_TRUE(session.client->said_goodbye());
    EXPECT_TRUE(session.events->reach("ended"));
}

TEST_P(secured_relay, stops_reading_the_server_when_the_client_does_not_read) {
    const auto session = relay_secured_login(loop, wishes());
    const auto row = data_row(std::string(60'000, 'x'));
    constexpr std::size_t all_that_fits = 64 << 20;
    const auto sent_size = session.server.send_until_blocked(row, all_that_fits);
    EXPECT_LT(sent_size, all_that_fits);
    session.server.shutdown_send();
    EXPECT_GE(session.client->receive_all().size(), sent_size);
}

INSTANTIATE_TEST_SUITE_P(
    secured_relay,
    secured_relay,
    testing::Values(TLS1_2_VERSION, TLS1_3_VERSION),
    [](const auto& tested) { return tested.param == TLS1_2_VERSION ? "tls_1_2" : "tls_1_3"; }
);

TEST(secured_relay_of_tls_1_3, takes_new_keys_while_its_client_does_not_read) {
    relay_loop loop;
    const auto session = relay_secured_login(loop);
    const std::string flood(1 << 20, 'x');
    const auto sent = session.server.send_until_blocked(flood, std::string::npos);
    // Each query has an answer, for which there is no room.
    for (int i = 0; i < 10; ++i) {
        ASSERT_EQ(SSL_key_update(session.client->ssl(), SSL_KEY_UPDATE_REQUESTED), 1);
        session.client->send_all(sync());
    }
    EXPECT_EQ(session.client->receive(sent).size(), sent);
    EXPECT_EQ(session.server.receive(10 * sync().size()).size(), 10 * sync().size());
    session.server.send_all(ready_for_query('I'));
    EXPECT_EQ(session.client->receive(ready_for_query('I').size()), ready_for_query('I'));
}

// Postgres does not read while its output is not read.
TEST(secured_relay_to_the_server, goes_on_while_the_server_reads_only_when_it_is_read) {
    relay_loop loop;
    const auto session = relay_to_secured_server(loop);
    const auto upwards = random_bytes(32 << 20, 3);
    const auto downwards = random_bytes(32 << 20, 4);
    std::thread client_speaks([&] { session.client.send_all(upwards); });
    std::string at_server;
    std::thread server([&] {
        session.server->send_all(downwards);
        at_server = session.server->receive(upwards.size());
    });
    EXPECT_TRUE(session.client.receive(downwards.size()) == downwards);
    server.join();
    client_speaks.join();
    EXPECT_TRUE(at_server == upwards);
}

TEST(secured_relay_to_the_server, passes_its_last_words_on_though_it_has_left_much_unread) {
    relay_loop loop;
    auto session = relay_to_secured_server(loop);
    const auto row = frame('d', std::string(60'000, 'x'));
    constexpr std::size_t all_that_fits = 64 << 20;
    EXPECT_LT(session.client.send_until_blocked(row, all_that_fits), all_that_fits);
    session.server->send_all(error("FATAL", "57P01"));
    session.socket.hang_up(); // a reset follows the error, since much is unread
    const auto output = session.client.receive_all();
    EXPECT_THAT(output, HasSubstr("C57P01"));
    EXPECT_THAT(output, Not(HasSubstr("C08006")));
}

TEST(secured_relay_to_the_server, tells_the_client_why_its_connection_was_lost) {
    relay_loop loop;
    auto session = relay_to_secured_server(loop);
    session.socket.reset();
    const auto output = session.client.receive_all();
    EXPECT_THAT(output, HasSubstr("C08006"));
    EXPECT_THAT(output, HasSubstr("was lost: Connection reset by peer"));
}

} // namespace
} // namespace wakegate::proxy
