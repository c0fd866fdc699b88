#include "proxy/gate/gate.hpp"
#include "tests/support/gate_script.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace wakegate::proxy {
namespace {

using namespace support;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(gate_release, keeps_logins_in_flight_below_the_batch) {
    gate_script script({.release_batch = 2});
    script.enter(1);
    script.enter(2);
    script.enter(3);
    script.probe_answers();
    EXPECT_THAT(script.decisions(), ElementsAre(admitted(1), admitted(2)));
    script.subject.logged_in(2, script.now);
    EXPECT_THAT(script.decisions(), ElementsAre(admitted(3)));
}

TEST(gate_release, keeps_sessions_below_the_configured_maximum) {
    gate_script script({.max_connections = 2});
    script.enter(1);
    script.enter(2);
    script.enter(3);
    script.probe_answers();
    EXPECT_THAT(script.decisions(), ElementsAre(admitted(1), admitted(2)));
    script.subject.logged_in(1, script.now);
    EXPECT_THAT(script.decisions(), IsEmpty());
    script.subject.closed(1, script.now);
    EXPECT_THAT(script.decisions(), ElementsAre(admitted(3)));
}

TEST(gate_release, frees_both_slots_of_a_login_that_ends_early) {
    gate_script script({.max_connections = 1, .release_batch = 1});
    script.enter(1);
    script.enter(2);
    script.probe_answers();
    script.decisions();
    script.subject.closed(1, script.now);
    EXPECT_THAT(script.decisions(), ElementsAre(admitted(2)));
    EXPECT_EQ(script.subject.connecting(), 1U);
    EXPECT_EQ(script.subject.open(), 1U);
}

TEST(gate_release, gives_the_slot_of_a_slow_login_to_the_next_and_keeps_its_connection) {
    gate_script script({.max_connections = 2, .release_batch = 1});
    script.enter(1);
    script.enter(2);
    script.enter(3);
    script.probe_answers();
    script.decisions();
    script.subject.login_is_slow(1, script.now);
    EXPECT_THAT(script.decisions(), ElementsAre(admitted(2)));
    script.subject.logged_in(2, script.now);
    EXPECT_THAT(script.decisions(), IsEmpty()) << "two connections are all";
    EXPECT_EQ(script.subject.held(), 2U) << "a slow login is demand, as one who waits";
    script.subject.closed(1, script.now);
    EXPECT_THAT(script.decisions(), ElementsAre(admitted(3)));
    EXPECT_EQ(script.subject.held(), 1U);
}

TEST(gate_release, holds_a_slow_login_again_when_its_server_has_gone) {
    gate_script script({.release_batch = 1});
    script.enter(1);
    script.probe_answers();
    script.decisions();
    script.subject.login_is_slow(1, script.now);
    script.subject.requeue(1, script.now, script.now + seconds(60));
    EXPECT_EQ(script.subject.waiting(), 1U);
    EXPECT_EQ(script.subject.held(), 1U);
    EXPECT_EQ(script.subject.open(), 0U);
}

TEST(gate_release, ends_a_slow_login_that_may_not_wake_its_server_when_that_has_gone) {
    gate_script script({}, seconds(1));
    script.enter_if_ready(1);
    script.probe_answers();
    script.decisions();
    script.subject.login_is_slow(1, script.now);
    EXPECT_EQ(script.subject.held(), 0U);
    script.subject.requeue(1, script.now, script.now + seconds(60));
    EXPECT_THAT(script.decisions(), ElementsAre(refused(1, gate_error::may_not_wake)));
    EXPECT_EQ(script.subject.state(), gate_state::asleep);
}

TEST(gate_release, has_a_probe_due_when_one_is_requested) {
    gate_script script;
    script.probe_answers();
    EXPECT_FALSE(script.subject.probe_due(script.now));
    script.subject.request_probe(script.now);
    EXPECT_TRUE(script.subject.probe_due(script.now));
    script.subject.probe_started(script.now);
    script.subject.request_probe(script.now);
    EXPECT_FALSE(script.subject.probe_due(script.now)) << "one at a time";
}

TEST(gate_release, does_not_count_a_login_twice) {
    gate_script script({.release_batch = 1});
    script.enter(1);
    script.probe_answers();
    script.subject.logged_in(1, script.now);
    script.subject.logged_in(1, script.now);
    EXPECT_EQ(script.subject.connecting(), 0U);
    EXPECT_EQ(script.subject.open(), 1U);
}

struct learned_limit {
    std::size_t server;
    std::size_t headroom;
    std::size_t sessions; ///< that may be open at once
};

class gate_release_learned_limit : public ::testing::TestWithParam<learned_limit> {};

TEST_P(gate_release_learned_limit, how_many_sessions_the_server_takes) {
    gate_script script({.connection_headroom = GetParam().headroom});
    for (ticket id = 1; id <= 20; ++id) {
        script.enter(id);
    }
    script.probe_answers(server_capacity{.ordinary = GetParam().server});
    EXPECT_EQ(script.decisions().size(), GetParam().sessions);
}

INSTANTIATE_TEST_SUITE_P(
    gate_release_limits,
    gate_release_learned_limit,
    ::testing::Values(
        learned_limit{.server = 10, .headroom = 5, .sessions = 5},
        learned_limit{.server = 10, .headroom = 0, .sessions = 10},
        learned_limit{.server = 5, .headroom = 5, .sessions = 1},
        learned_limit{.server = 0, .headroom = 5, .sessions = 1},
        learned_limit{.server = 100, .headroom = 5, .sessions = 20}
    )
);

TEST(gate_release, prefers_the_configured_maximum_to_the_learned_one) {
    gate_script script({.max_connections = 3});
    for (ticket id = 1; id <= 5; ++id) {
        script.enter(id);
    }
    script.probe_answers(server_capacity{.ordinary = 100});
    EXPECT_EQ(script.decisions().size(), 3U);
}

TEST(gate_release, knows_no_maximum_when_nobody_could_ask) {
    gate_script script({.release_batch = 1'000});
    for (ticket id = 1; id <= 500; ++id) {
        script.enter(id);
    }
    script.probe_answers();
    EXPECT_EQ(script.decisions().size(), 500U);
}

TEST(gate_release, lets_nobody_overtake_those_who_wait_for_a_slot) {
    gate_script script({.max_connections = 1});
    script.enter(1);
    script.probe_answers();
    script.enter(2);
    script.enter(3);
    script.decisions();
    script.subject.closed(1, script.now);
    EXPECT_THAT(script.decisions(), ElementsAre(admitted(2)));
}

} // namespace
} // namespace wakegate::proxy
