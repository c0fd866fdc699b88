#include "proxy/relay/login_limit.hpp"
#include "proxy/relay/relay_loop.hpp"
#include "tests/support/relay_rig.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace wakegate::proxy {
namespace {

using namespace support;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr auto never = time_point::max();
const auto asks_for_password = authentication(3);
const auto password = frame('p', "secret");

/// One login, whose client has ten seconds.
struct login_limit_deadlines : testing::Test {
    void server_says(std::string_view bytes) {
        limit.server_sent(bytes);
        limit.update(false, now);
    }

    void client_says(std::string_view bytes) {
        limit.client_sent(bytes);
        limit.update(false, now);
    }

    login_limit limit{seconds(10)};
    const time_point start = time_point(seconds(1'000));
    time_point now = start;
};

TEST_F(login_limit_deadlines, bound_nothing_before_the_server_has_asked) {
    server_says(notice());
    EXPECT_EQ(limit.due(), never);
}

TEST_F(login_limit_deadlines, give_the_client_its_time_from_the_question_on) {
    server_says(asks_for_password);
    EXPECT_EQ(limit.due(), start + seconds(10));
    now += seconds(3);
    client_says(password.substr(0, 5));
    EXPECT_EQ(limit.due(), start + seconds(10)) << "half an answer is none";
}

TEST_F(login_limit_deadlines, do_not_count_the_servers_time) {
    server_says(asks_for_password);
    now += seconds(3);
    client_says(password);
    EXPECT_EQ(limit.due(), never);
    now += seconds(300);
    server_says(asks_for_password);
    EXPECT_EQ(limit.due(), now + seconds(7));
}

TEST_F(login_limit_deadlines, count_the_time_of_a_client_that_reads_nothing) {
    server_says(authentication_ok());
    limit.update(true, now);
    EXPECT_EQ(limit.due(), start + seconds(10));
    now += seconds(4);
    limit.update(false, now);
    EXPECT_EQ(limit.due(), never);
    limit.update(true, now);
    EXPECT_EQ(limit.due(), now + seconds(6));
}

TEST(login_limit_in_the_relay, ends_the_login_of_a_client_that_owes_an_answer) {
    relay_loop loop;
    const auto session = relay_session(loop, asks_for_password, false, milliseconds(1));
    EXPECT_EQ(session.client.receive(asks_for_password.size()), asks_for_password);
    const auto output = session.client.receive_all();
    EXPECT_THAT(output, HasSubstr("57014"));
    EXPECT_THAT(output, HasSubstr("canceling authentication due to timeout"));
    EXPECT_EQ(session.server.receive_all(), "");
    ASSERT_TRUE(session.events->reach("ended"));
    EXPECT_THAT(session.events->all(), ElementsAre("login timed out", "ended"));
}

TEST(login_limit_in_the_relay, ends_each_of_many_whose_ends_are_near) {
    relay_loop loop;
    std::vector<relay_peers> sessions;
    for (int i = 0; i < 50; ++i) {
        sessions.push_back(relay_session(loop, asks_for_password, false, milliseconds(1 + i % 7)));
    }
    for (const auto& each : sessions) {
        EXPECT_TRUE(each.events->reach("ended"));
    }
}

TEST(login_limit_in_the_relay, ends_a_login_though_the_client_does_not_read) {
    relay_loop loop;
    auto session = relay_session(loop, authentication_ok(), false, milliseconds(1));
    const std::string flood = frame('N', std::string(1 << 20, 'x'));
    constexpr std::size_t all_that_fits = 64 << 20;
    [[maybe_unused]] const auto sent_size = session.server.send_until_blocked(flood, all_that_fits);
    EXPECT_TRUE(session.events->reach("ended"));
}

TEST(login_limit_in_the_relay, leaves_a_session_alone_once_it_has_logged_in) {
    relay_loop loop;
    const auto session = relay_session(loop, login_answer(), false, milliseconds(1));
    EXPECT_EQ(session.client.receive(login_answer().size()), login_answer());
    // Once another session has timed out, the loop has checked all sessions' deadlines.
    const auto other = relay_session(loop, asks_for_password, false, milliseconds(1));
    ASSERT_TRUE(other.events->reach("ended"));
    session.client.send_all(query("SELECT 1"));
    EXPECT_EQ(session.server.receive(query("SELECT 1").size()), query("SELECT 1"));
}

TEST(login_limit_in_the_relay, lets_the_server_take_its_time) {
    relay_loop loop;
    // The client's limit, which does not include the servers' time.
    const auto session = relay_session(loop, asks_for_password, false, milliseconds(1));
    const auto slow = relay_session(loop, notice(), false, milliseconds(1));
    ASSERT_TRUE(session.events->reach("ended"));
    slow.server.send_all(authentication_ok() + ready_for_query('I'));
    EXPECT_TRUE(slow.events->reach("logged_in "));
}

} // namespace
} // namespace wakegate::proxy
