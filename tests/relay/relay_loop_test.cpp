#include "proxy/relay/relay_loop.hpp"
#include "tests/support/relay_rig.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <thread>

namespace wakegate::proxy {
namespace {

using namespace support;
using ::testing::ElementsAre;

std::string random_bytes(std::size_t size) {
    std::mt19937_64 source(7);
    std::string bytes(size, '\0');
    for (auto& byte : bytes) {
        byte = static_cast<char>(source());
    }
    return bytes;
}

TEST(relay_loop, passes_on_what_the_server_said_before) {
    relay_loop loop;
    const auto session = relay_session(loop, login_answer());
    EXPECT_EQ(session.client.receive(login_answer().size()), login_answer());
}

TEST(relay_loop, passes_a_question_and_its_answer) {
    relay_loop loop;
    const auto session = relay_logged_in(loop);
    const auto question = query("SELECT 1");
    const auto answer = data_row("1") + command_complete("SELECT 1") + ready_for_query('I');
    session.client.send_all(question);
    EXPECT_EQ(session.server.receive(question.size()), question);
    session.server.send_all(answer);
    EXPECT_EQ(session.client.receive(answer.size()), answer);
}

TEST(relay_loop, passes_megabytes_both_ways_at_once_untouched) {
    relay_loop loop;
    const auto session = relay_logged_in(loop);
    // Random bytes are no protocol: what the tracker can't parse must pass all the same.
    const auto upwards = random_bytes(8 << 20);
    const auto downwards = random_bytes(12 << 20);
    std::thread client_speaks([&] { session.client.send_all(upwards); });
    std::thread server_speaks([&] { session.server.send_all(downwards); });
    std::string at_server;
    std::thread server_hears([&] { at_server = session.server.receive(upwards.size()); });
    const auto at_client = session.client.receive(downwards.size());
    for (auto* thread : {&client_speaks, &server_speaks, &server_hears}) {
        thread->join();
    }
    EXPECT_TRUE(at_server == upwards);
    EXPECT_TRUE(at_client == downwards);
}

TEST(relay_loop, serves_sessions_that_several_threads_bring_at_once) {
    constexpr int sessions_each = 50;
    relay_loop loop;
    const auto bring = [&loop] {
        for (int i = 0; i < sessions_each; ++i) {
            const auto session = relay_logged_in(loop);
            session.client.send_all(query("SELECT 1"));
            session.server.send_all(command_complete("SELECT 1") + ready_for_query('I'));
            EXPECT_TRUE(session.events->reach("idle"));
        }
    };
    std::thread other(bring);
    bring();
    other.join();
}

TEST(relay_loop, stops_reading_the_server_when_the_client_does_not_read) {
    relay_loop loop;
    const auto session = relay_logged_in(loop);
    const auto row = data_row(std::string(60'000, 'x'));
    // The kernel's buffers on the way, both sockets' grown to their limits, and one read of ours.
    constexpr std::size_t all_that_fits = 64 << 20;
    const auto sent_size = session.server.send_until_blocked(row, all_that_fits);
    EXPECT_LT(sent_size, all_that_fits);
    session.server.shutdown_send();
    EXPECT_GE(session.client.receive_all().size(), sent_size);
}

TEST(relay_loop, serves_others_while_one_client_reads_nothing) {
    relay_loop loop;
    const auto blocked = relay_logged_in(loop);
    const auto lively = relay_logged_in(loop);
    ::fcntl(blocked.server.descriptor(), F_SETFL, O_NONBLOCK);
    const std::string flood(1 << 20, 'x');
    while (::send(blocked.server.descriptor(), flood.data(), flood.size(), MSG_NOSIGNAL) > 0) {
    }
    lively.client.send_all(sync());
    EXPECT_EQ(lively.server.receive(sync().size()), sync());
}

TEST(relay_loop, tells_the_owner_when_the_session_is_busy) {
    relay_loop loop;
    auto session = relay_logged_in(loop);
    session.client.send_all(query("SELECT 1"));
    ASSERT_TRUE(session.events->reach("busy"));
    session.server.send_all(command_complete("SELECT 1") + ready_for_query('I'));
    ASSERT_TRUE(session.events->reach("idle"));
    session.client.send_all(query("BEGIN"));
    ASSERT_TRUE(session.events->reach("busy"));
    session.server.send_all(command_complete("BEGIN") + ready_for_query('T'));
    const auto queries = query("SELECT 1") + query("BEGIN") + query("COMMIT");
    session.client.send_all(query("COMMIT"));
    ASSERT_EQ(
        session.server.receive(queries.size()), queries
    ); // no server answers before the request
    session.server.send_all(command_complete("COMMIT") + ready_for_query('I'));
    ASSERT_TRUE(session.events->reach("idle"));
    EXPECT_THAT(
        session.events->all(), ElementsAre("logged_in pid.key.", "busy", "idle", "busy", "idle")
    );
}

TEST(relay_loop, tells_the_owner_nothing_of_a_ping) {
    relay_loop loop;
    auto session = relay_logged_in(loop);
    const auto answer = frame('I') + ready_for_query('I');
    session.client.send_all(query(""));
    ASSERT_EQ(session.server.receive(query("").size()), query(""));
    session.server.send_all(answer);
    ASSERT_EQ(session.client.receive(answer.size()), answer);
    session.client.send_all(query("SELECT 1"));
    ASSERT_TRUE(session.events->reach("busy"));
    EXPECT_THAT(session.events->all(), ElementsAre("logged_in pid.key.", "busy"));
}

TEST(relay_loop, tells_the_owner_that_the_session_listens) {
    relay_loop loop;
    auto session = relay_logged_in(loop);
    session.client.send_all(query("LISTEN news"));
    ASSERT_TRUE(session.events->reach("busy"));
    session.server.send_all(command_complete("LISTEN") + ready_for_query('I'));
    EXPECT_TRUE(session.events->reach("listening"));
}

TEST(relay_loop, is_not_logged_in_before_the_servers_first_ready) {
    relay_loop loop;
    auto session = relay_session(loop, authentication(10, "SCRAM-SHA-256\0\0"));
    session.client.send_all(frame('p', "client-first"));
    session.server.send_all(authentication(11, "server-first"));
    session.client.send_all(frame('p', "client-final"));
    session.server.send_all(authentication(12, "server-final") + authentication_ok());
    session.server.send_all(ready_for_query('I'));
    ASSERT_TRUE(session.events->reach("logged_in "));
    EXPECT_EQ(session.events->all().size(), 1U);
}

TEST(relay_loop, ends_every_session_when_it_goes) {
    auto loop = std::make_unique<relay_loop>();
    const auto first = relay_logged_in(*loop);
    const auto second = relay_session(*loop);
    loop.reset();
    EXPECT_EQ(first.client.receive_all(), "");
    EXPECT_EQ(first.server.receive_all(), "");
    EXPECT_THAT(first.events->all(), ElementsAre("logged_in pid.key.", "ended"));
    EXPECT_THAT(second.events->all(), ElementsAre("ended"));
}

} // namespace
} // namespace wakegate::proxy
