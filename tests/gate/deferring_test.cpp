#include "proxy/gate/gate.hpp"
#include "tests/support/gate_script.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace wakegate::proxy {
namespace {

using namespace support;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr milliseconds slow(200);

gate_script slow_gate(gate_settings settings = {}) {
    settings.probe_slow_interval = slow;
    return gate_script(settings, slow);
}

TEST(deferring, is_refused_when_one_look_at_a_sleeping_cluster_fails) {
    auto script = slow_gate();
    script.enter_if_ready(1);
    EXPECT_EQ(script.subject.state(), gate_state::asleep) << "nothing is woken";
    EXPECT_EQ(script.subject.held(), 0U);
    EXPECT_TRUE(script.subject.probe_due(script.now));
    script.probe_fails();
    EXPECT_THAT(script.decisions(), ElementsAre(refused(1, gate_error::may_not_wake)));
    EXPECT_EQ(script.subject.next_due(), time_point::max()) << "one probe, and no more";
    EXPECT_EQ(script.subject.wake_started(), time_point{});
    EXPECT_EQ(script.queue_limit.waiting, 0U);
}

TEST(deferring, is_let_in_when_the_cluster_turns_out_to_be_up) {
    auto script = slow_gate();
    script.enter_if_ready(1);
    script.probe_answers();
    EXPECT_THAT(script.decisions(), ElementsAre(admitted(1)));
    EXPECT_EQ(script.subject.state(), gate_state::ready);
    EXPECT_EQ(script.subject.open(), 1U) << "it takes a connection as any other";
    EXPECT_EQ(script.subject.held(), 0U);
}

TEST(deferring, is_let_in_at_once_while_ready) {
    auto script = slow_gate();
    script.enter(1);
    script.probe_answers();
    script.decisions();
    script.enter_if_ready(2);
    EXPECT_THAT(script.decisions(), ElementsAre(admitted(2)));
    EXPECT_EQ(script.subject.held(), 1U);
}

TEST(deferring, many_cost_one_probe) {
    auto script = slow_gate();
    script.enter_if_ready(1);
    script.subject.probe_started(script.now);
    script.enter_if_ready(2);
    script.subject.probe_failed(script.now);
    EXPECT_THAT(
        script.decisions(),
        ElementsAre(refused(1, gate_error::may_not_wake), refused(2, gate_error::may_not_wake))
    );
    EXPECT_EQ(script.subject.next_due(), time_point::max());
    script.advance(slow - milliseconds(1));
    script.enter_if_ready(3);
    EXPECT_THAT(script.decisions(), ElementsAre(refused(3, gate_error::may_not_wake)));
    EXPECT_FALSE(script.subject.probe_due(script.now));
    script.advance(milliseconds(1));
    script.enter_if_ready(4);
    EXPECT_THAT(script.decisions(), IsEmpty());
    EXPECT_TRUE(script.subject.probe_due(script.now));
}

TEST(deferring, is_refused_while_others_wake_the_cluster_and_they_are_not) {
    auto script = slow_gate();
    script.enter(1);
    script.enter_if_ready(2);
    script.probe_fails();
    EXPECT_THAT(script.decisions(), ElementsAre(refused(2, gate_error::may_not_wake)));
    script.enter_if_ready(3);
    EXPECT_THAT(script.decisions(), ElementsAre(refused(3, gate_error::may_not_wake)));
    EXPECT_EQ(script.subject.held(), 1U);
    EXPECT_EQ(script.subject.state(), gate_state::waking);
}

TEST(deferring, keeps_no_wake_going) {
    auto script = slow_gate({.wake_grace = seconds(5)});
    script.enter(1);
    script.subject.leave(1, script.now);
    script.decisions();
    script.enter_if_ready(2);
    script.advance(seconds(5));
    EXPECT_EQ(script.subject.state(), gate_state::asleep);
    EXPECT_THAT(script.decisions(), ElementsAre(refused(2, gate_error::may_not_wake)));
}

TEST(deferring, does_not_keep_the_grace_from_beginning) {
    auto script = slow_gate({.wake_grace = seconds(5)});
    script.enter(1);
    script.enter_if_ready(2);
    script.subject.leave(1, script.now);
    script.advance(seconds(5));
    EXPECT_EQ(script.subject.state(), gate_state::asleep);
}

TEST(deferring, is_refused_and_wakes_nothing_when_the_server_is_not_there_after_all) {
    auto script = slow_gate();
    script.enter_if_ready(1);
    script.probe_answers();
    script.decisions();
    script.subject.requeue(1, script.now, script.now + seconds(60));
    EXPECT_THAT(script.decisions(), ElementsAre(refused(1, gate_error::may_not_wake)));
    EXPECT_EQ(script.subject.state(), gate_state::asleep);
    EXPECT_EQ(script.subject.open(), 0U);
    EXPECT_EQ(script.subject.next_due(), time_point::max());
}

TEST(deferring, that_finds_the_server_gone_has_it_woken_for_those_who_wait) {
    auto script = slow_gate({.max_connections = 1});
    script.enter_if_ready(1);
    script.probe_answers();
    script.enter(2);
    script.enter_if_ready(3);
    script.decisions();
    script.subject.requeue(1, script.now, script.now + seconds(60));
    EXPECT_EQ(script.subject.state(), gate_state::waking);
    EXPECT_THAT(
        script.decisions(),
        ElementsAre(refused(1, gate_error::may_not_wake), refused(3, gate_error::may_not_wake))
    );
    EXPECT_EQ(script.subject.held(), 1U);
}

TEST(deferring, waits_its_turn_for_a_connection_while_the_cluster_is_up) {
    auto script = slow_gate({.max_connections = 1});
    script.enter(1);
    script.probe_answers();
    script.decisions();
    script.enter_if_ready(2);
    script.enter(3);
    script.subject.closed(1, script.now);
    EXPECT_THAT(script.decisions(), ElementsAre(admitted(2)));
    script.subject.logged_in(2, script.now);
    EXPECT_FALSE(script.subject.defers({.kind = entry_kind::requeue, .id = 2}))
        << "from its login on it is as any other";
    script.subject.closed(2, script.now);
    EXPECT_THAT(script.decisions(), ElementsAre(admitted(3)));
}

TEST(deferring, leaves_the_queue_when_two_probes_say_that_the_cluster_is_gone) {
    auto script = slow_gate({.max_connections = 1});
    script.enter(1);
    script.probe_answers();
    script.decisions();
    script.enter_if_ready(2);
    script.probe_fails();
    EXPECT_THAT(script.decisions(), IsEmpty());
    script.probe_fails();
    EXPECT_THAT(script.decisions(), ElementsAre(refused(2, gate_error::may_not_wake)));
    EXPECT_EQ(script.subject.state(), gate_state::asleep);
}

TEST(deferring, has_its_deadline_and_may_hang_up) {
    auto script = slow_gate();
    script.enter_if_ready(1, milliseconds(500));
    script.enter_if_ready(2);
    script.subject.probe_started(script.now);
    script.advance(milliseconds(500));
    EXPECT_THAT(script.decisions(), ElementsAre(refused(1, gate_error::may_not_wake)));
    script.subject.leave(2, script.now);
    EXPECT_THAT(script.decisions(), ElementsAre(cancelled(2)));
    script.subject.probe_failed(script.now);
    EXPECT_THAT(script.decisions(), IsEmpty());
}

TEST(deferring, is_bounded_and_drained_as_any_other) {
    auto script = slow_gate({.max_waiting = 1});
    script.enter_if_ready(1);
    script.enter_if_ready(2);
    EXPECT_THAT(script.decisions(), ElementsAre(refused(2, gate_error::queue_full)));
    script.subject.drain();
    script.enter_if_ready(3);
    EXPECT_THAT(script.decisions(), ElementsAre(refused(3, gate_error::draining)));
}

TEST(deferring, gives_way_to_a_client_that_may_wake_during_its_probe) {
    auto script = slow_gate();
    script.enter_if_ready(1);
    script.subject.probe_started(script.now);
    script.enter(2);
    EXPECT_EQ(script.subject.held(), 1U);
    script.subject.probe_failed(script.now);
    EXPECT_THAT(script.decisions(), ElementsAre(refused(1, gate_error::may_not_wake)));
    EXPECT_EQ(script.subject.state(), gate_state::waking);
    EXPECT_TRUE(script.subject.probe_due(script.now));
}

} // namespace
} // namespace wakegate::proxy
