#include "proxy/relay/relay_loop.hpp"
#include "tests/support/relay_rig.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace wakegate::proxy {
namespace {

using namespace support;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;

TEST(relay_ends, when_the_client_says_goodbye_and_both_hang_up) {
    relay_loop loop;
    auto session = relay_logged_in(loop);
    session.client.send_all(terminate());
    session.client.hang_up();
    EXPECT_EQ(session.server.receive_all(), terminate());
    session.server.hang_up();
    EXPECT_TRUE(session.events->reach("ended"));
}

TEST(relay_ends, only_after_the_answer_to_a_client_that_stopped_sending) {
    relay_loop loop;
    auto session = relay_logged_in(loop);
    const auto question = query("SELECT pg_sleep(1)");
    const auto answer = command_complete("SELECT 1") + ready_for_query('I');
    session.client.send_all(question);
    session.client.shutdown_send();
    EXPECT_EQ(session.server.receive_all(), question);
    session.server.send_all(answer);
    session.server.hang_up();
    EXPECT_EQ(session.client.receive_all(), answer);
    EXPECT_TRUE(session.events->reach("ended"));
    EXPECT_THAT(session.events->all(), Not(Contains("server ended"))) << "it was asked to";
}

TEST(relay_ends, for_the_server_at_once_when_its_client_can_not_be_reached) {
    relay_loop loop;
    auto session = relay_logged_in(loop);
    session.client.send_all(query("SELECT 1"));
    ASSERT_TRUE(session.events->reach("busy"));
    session.client.reset();
    (void)session.server.receive_all();
    session.server.send_all(command_complete("SELECT 1") + ready_for_query('I'));
    EXPECT_TRUE(session.events->reach("ended"));
}

TEST(relay_ends, with_08006_when_the_server_vanishes_without_a_word) {
    relay_loop loop;
    auto session = relay_logged_in(loop);
    session.server.hang_up();
    const auto final_error = session.client.receive_all();
    EXPECT_EQ(final_error.front(), 'E');
    EXPECT_THAT(final_error, HasSubstr("C08006"));
    EXPECT_THAT(final_error, HasSubstr("SFATAL"));
    EXPECT_THAT(session.events->all(), Contains("server ended"));
}

TEST(relay_ends, with_08006_when_the_server_resets_the_connection) {
    relay_loop loop;
    auto session = relay_logged_in(loop);
    session.server.reset();
    const auto final_error = session.client.receive_all();
    EXPECT_THAT(final_error, HasSubstr("C08006"));
    EXPECT_THAT(final_error, HasSubstr("was lost: Connection reset by peer"));
}

TEST(relay_ends, with_the_servers_own_words_when_it_has_some) {
    relay_loop loop;
    auto session = relay_logged_in(loop);
    const auto final_error = error("FATAL", "57P01");
    session.server.send_all(final_error);
    session.server.hang_up();
    EXPECT_EQ(session.client.receive_all(), final_error);
    EXPECT_THAT(session.events->all(), Contains("server ended"));
}

TEST(relay_ends, without_a_word_of_ours_in_the_middle_of_a_message) {
    relay_loop loop;
    auto session = relay_logged_in(loop);
    const auto row = data_row(std::string(100, 'x'));
    const auto half = row.substr(0, 50);
    session.server.send_all(half);
    session.server.hang_up();
    EXPECT_EQ(session.client.receive_all(), half);
}

TEST(relay_ends, without_a_word_to_a_client_that_said_goodbye) {
    relay_loop loop;
    auto session = relay_logged_in(loop);
    session.client.send_all(terminate());
    (void)session.server.receive(terminate().size());
    session.server.hang_up();
    EXPECT_EQ(session.client.receive_all(), "");
    EXPECT_TRUE(session.events->reach("ended")); // though the client stays
    EXPECT_THAT(session.events->all(), Not(Contains("server ended"))) << "it was asked to";
}

TEST(relay_ends, for_the_client_at_once_when_its_goodbye_can_not_be_delivered) {
    relay_loop loop;
    auto session = relay_logged_in(loop);
    constexpr std::size_t more_than_fits = 64 << 20;
    const auto chunk = query(std::string(65536, 'x')) + terminate();
    EXPECT_LT(session.client.send_until_blocked(chunk, more_than_fits), more_than_fits);
    session.server.shutdown_send(); // and does not read
    EXPECT_EQ(session.client.receive_all(), "");
    char byte = 0;
    EXPECT_EQ(
        ::recv(session.client.descriptor(), &byte, 1, MSG_DONTWAIT), 0
    ); // the stream's end, not a timeout
}

TEST(relay_ends, before_it_has_begun_when_the_client_is_gone_by_then) {
    relay_loop loop;
    auto [client, near_client] = connected_pair();
    auto [server, near_server] = connected_pair();
    far_end client_end(std::move(client));
    const far_end server_end(std::move(server));
    client_end.reset();
    const auto events = std::make_shared<recorded_events>();
    loop.add_session({
        .client = std::move(near_client),
        .server = std::move(near_server),
        .server_output = login_answer(),
        .owner = std::make_unique<recording_owner>(events),
    });
    EXPECT_EQ(server_end.receive_all(), "");
    EXPECT_TRUE(events->reach("ended"));
}

TEST(relay_ends, at_once_for_sessions_that_come_to_a_draining_relay) {
    relay_loop loop;
    auto before = relay_logged_in(loop);
    loop.drain();
    EXPECT_TRUE(before.events->reach("ended"));
    const auto after = relay_session(loop, login_answer());
    EXPECT_THAT(after.client.receive_all(), HasSubstr("C57P01"));
}

TEST(relay_ends, when_draining_idle_sessions_at_once) {
    relay_loop loop;
    auto session = relay_logged_in(loop);
    loop.drain();
    EXPECT_THAT(session.client.receive_all(), HasSubstr("C57P01"));
    EXPECT_EQ(session.server.receive_all(), "");
    EXPECT_TRUE(session.events->reach("ended"));
}

TEST(relay_ends, when_draining_only_once_the_client_has_all_that_it_was_told) {
    relay_loop loop;
    auto session = relay_logged_in(loop);
    const int small = 16 * 1024;
    ::setsockopt(session.client.descriptor(), SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
    const auto answer =
        data_row(std::string(100'000, 'x')) + command_complete("COMMIT") + ready_for_query('I');
    session.client.send_all(query("COMMIT"));
    ASSERT_EQ(session.server.receive(query("COMMIT").size()), query("COMMIT"));
    session.server.send_all(answer);
    ASSERT_TRUE(session.events->reach("idle")); // the kernel has all of it by now
    loop.drain();
    EXPECT_EQ(session.server.receive_all(), "");
    session.client.send_all(query("SELECT 1")); // too late; must not cost the final error
    const auto output = session.client.receive_all();
    EXPECT_EQ(output.substr(0, answer.size()), answer);
    EXPECT_THAT(output.substr(answer.size()), HasSubstr("C57P01"));
    session.client.hang_up();
    EXPECT_TRUE(session.events->reach("ended"));
}

TEST(relay_ends, when_draining_busy_sessions_after_their_transaction) {
    relay_loop loop;
    auto session = relay_logged_in(loop);
    session.client.send_all(query("BEGIN"));
    session.server.send_all(command_complete("BEGIN") + ready_for_query('T'));
    ASSERT_TRUE(session.events->reach("busy"));
    loop.drain();
    const auto answer = command_complete("COMMIT") + ready_for_query('I');
    session.client.send_all(query("COMMIT"));
    (void)session.server.receive(query("BEGIN").size() + query("COMMIT").size());
    session.server.send_all(answer);
    EXPECT_THAT(session.client.receive_all(), HasSubstr(answer));
    EXPECT_TRUE(session.events->reach("ended"));
}

TEST(relay_ends, when_draining_pinging_sessions_after_the_answer) {
    relay_loop loop;
    auto pinging = relay_logged_in(loop);
    auto idle = relay_logged_in(loop);
    pinging.client.send_all(query(""));
    ASSERT_EQ(pinging.server.receive(query("").size()), query(""));
    loop.drain();
    EXPECT_TRUE(idle.events->reach("ended"));
    const auto answer = frame('I') + ready_for_query('I');
    pinging.server.send_all(answer);
    const auto output = pinging.client.receive_all();
    EXPECT_EQ(output.substr(0, answer.size()), answer);
    EXPECT_THAT(output.substr(answer.size()), HasSubstr("C57P01"));
}

} // namespace
} // namespace wakegate::proxy
