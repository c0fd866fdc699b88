#include "proxy/gate/gate.hpp"
#include "tests/support/gate_script.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace wakegate::proxy {
namespace {

using namespace support;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(gate, sleeps_until_somebody_wants_in) {
    gate_script script;
    EXPECT_EQ(script.subject.state(), gate_state::asleep);
    EXPECT_FALSE(script.subject.probe_due(script.now));
    EXPECT_EQ(script.subject.next_due(), time_point::max());
}

TEST(gate, starts_to_wake_and_to_probe_in_the_call_that_brings_the_first_client) {
    gate_script script;
    script.enter(1);
    EXPECT_EQ(script.subject.state(), gate_state::waking);
    EXPECT_TRUE(script.subject.probe_due(script.now));
    EXPECT_EQ(script.subject.wake_started(), script.now);
    EXPECT_THAT(script.decisions(), IsEmpty());
}

TEST(gate, admits_in_order_of_arrival_when_the_server_answers) {
    gate_script script;
    script.enter(1);
    script.enter(2);
    script.enter(3);
    script.probe_answers();
    EXPECT_EQ(script.subject.state(), gate_state::ready);
    EXPECT_THAT(script.decisions(), ElementsAre(admitted(1), admitted(2), admitted(3)));
}

TEST(gate, admits_at_once_while_ready) {
    gate_script script;
    script.enter(1);
    script.probe_answers();
    script.decisions();
    script.enter(2);
    EXPECT_THAT(script.decisions(), ElementsAre(admitted(2)));
}

TEST(gate, refuses_each_waiter_at_its_own_deadline) {
    gate_script script;
    script.enter(1, seconds(10));
    script.enter(2, seconds(4));
    script.advance(seconds(4));
    EXPECT_THAT(script.decisions(), ElementsAre(refused(2, gate_error::hold_timeout)));
    script.advance(seconds(6));
    EXPECT_THAT(script.decisions(), ElementsAre(refused(1, gate_error::hold_timeout)));
}

TEST(gate, wants_to_be_called_at_the_next_deadline) {
    gate_script script;
    script.enter(1, seconds(10));
    script.enter(2, seconds(4));
    script.subject.probe_started(script.now);
    EXPECT_EQ(script.subject.next_due(), script.now + seconds(4));
}

TEST(gate, forgets_a_waiter_that_hung_up) {
    gate_script script;
    script.enter(1);
    script.enter(2);
    script.subject.leave(1, script.now);
    EXPECT_THAT(script.decisions(), ElementsAre(cancelled(1)));
    script.probe_answers();
    EXPECT_THAT(script.decisions(), ElementsAre(admitted(2)));
}

TEST(gate, answers_nobody_twice_when_a_client_hangs_up_after_its_admission) {
    gate_script script;
    script.enter(1);
    script.probe_answers();
    script.decisions();
    script.subject.leave(1, script.now);
    EXPECT_THAT(script.decisions(), IsEmpty());
}

TEST(gate, goes_on_waking_for_the_grace_when_the_last_waiter_leaves) {
    gate_script script({.wake_grace = seconds(60)});
    script.enter(1);
    script.subject.leave(1, script.now);
    script.advance(seconds(59));
    EXPECT_EQ(script.subject.state(), gate_state::waking);
    EXPECT_TRUE(script.subject.waking());
    script.advance(seconds(1));
    EXPECT_EQ(script.subject.state(), gate_state::asleep);
    EXPECT_EQ(script.subject.next_due(), time_point::max());
}

TEST(gate, is_warm_for_the_retry_of_a_client_that_gave_up) {
    gate_script script;
    script.enter(1, seconds(1));
    script.advance(seconds(1));
    script.decisions();
    script.probe_answers();
    script.enter(2);
    EXPECT_THAT(script.decisions(), ElementsAre(admitted(2)));
}

TEST(gate, ends_the_grace_when_somebody_waits_again) {
    gate_script script({.wake_grace = seconds(5)});
    script.enter(1, seconds(1));
    script.advance(seconds(1));
    script.enter(2);
    script.advance(seconds(30));
    EXPECT_EQ(script.subject.state(), gate_state::waking);
}

TEST(gate, refuses_at_once_when_the_clusters_queue_is_full) {
    gate_script script({.max_waiting = 2});
    script.enter(1);
    script.enter(2);
    script.enter(3);
    EXPECT_THAT(script.decisions(), ElementsAre(refused(3, gate_error::queue_full)));
    EXPECT_EQ(script.subject.waiting(), 2U);
}

TEST(gate, refuses_at_once_when_the_whole_proxys_room_is_full) {
    gate_script script;
    gate other({}, script.queue_limit);
    script.queue_limit.max_waiting = 1;
    other.enter(1, script.now, script.now + seconds(60));
    script.enter(2);
    EXPECT_THAT(script.decisions(), ElementsAre(refused(2, gate_error::queue_full)));
    other.leave(1, script.now);
    script.enter(3);
    EXPECT_THAT(script.decisions(), IsEmpty());
}

TEST(gate, needs_no_place_in_the_queue_while_ready) {
    gate_script script;
    script.enter(1);
    script.probe_answers();
    script.decisions();
    script.queue_limit.max_waiting = 0;
    script.enter(2);
    EXPECT_THAT(script.decisions(), ElementsAre(admitted(2)));
}

TEST(gate, gives_its_places_in_the_room_back_when_it_goes) {
    global_queue_limit queue_limit;
    {
        gate short_lived({}, queue_limit);
        short_lived.enter(1, time_point{}, time_point::max());
        EXPECT_EQ(queue_limit.waiting, 1U);
    }
    EXPECT_EQ(queue_limit.waiting, 0U);
}

TEST(gate, holds_again_when_a_ready_server_is_not_there) {
    gate_script script;
    script.enter(1);
    script.probe_answers();
    script.decisions();
    script.subject.requeue(1, script.now, script.now + seconds(60));
    EXPECT_EQ(script.subject.state(), gate_state::waking);
    EXPECT_THAT(script.decisions(), IsEmpty());
    EXPECT_EQ(script.subject.open(), 0U);
    script.probe_answers();
    EXPECT_THAT(script.decisions(), ElementsAre(admitted(1)));
}

TEST(gate, puts_who_comes_back_before_those_who_came_later) {
    gate_script script;
    script.enter(1);
    script.probe_answers();
    script.subject.requeue(1, script.now, script.now + seconds(60));
    script.decisions();
    script.enter(3);
    script.enter(2);
    script.probe_answers();
    EXPECT_THAT(script.decisions(), ElementsAre(admitted(1), admitted(2), admitted(3)));
}

TEST(gate, does_not_chase_a_server_that_passes_its_probe_and_turns_sessions_away) {
    gate_script script({.probe_interval = milliseconds(10)});
    script.enter(1);
    script.probe_answers();
    script.subject.requeue(1, script.now, script.now + seconds(60));
    EXPECT_FALSE(script.subject.probe_due(script.now));
    EXPECT_TRUE(script.subject.probe_due(script.now + milliseconds(50)));
}

TEST(gate, looks_the_more_rarely_the_longer_a_server_passes_probes_and_turns_sessions_away) {
    gate_script script;
    script.enter(1, seconds(600));
    const auto pause_after = [&](duration trouble) {
        script.now += trouble;
        script.probe_answers();
        script.subject.requeue(1, script.now, script.now + seconds(600));
        return script.subject.next_due() - script.now;
    };
    EXPECT_EQ(pause_after(seconds(0)), milliseconds(50));
    EXPECT_EQ(pause_after(milliseconds(50)), milliseconds(50));
    EXPECT_EQ(pause_after(milliseconds(2'950)), milliseconds(300));
    EXPECT_EQ(pause_after(seconds(60)), seconds(1));
    script.probe_fails();
    EXPECT_EQ(pause_after(seconds(60)), milliseconds(50)) << "it was really gone in between";
    EXPECT_EQ(pause_after(seconds(60)), seconds(1));
    script.probe_answers();
    script.subject.logged_in(1, script.now);
    script.enter(2, seconds(600));
    script.subject.requeue(2, script.now, script.now + seconds(600));
    EXPECT_EQ(script.subject.next_due() - script.now, milliseconds(50)) << "somebody came through";
}

TEST(gate, remembers_no_trouble_from_before_it_fell_asleep) {
    for (const bool was_ready : {false, true}) {
        gate_script script({.wake_grace = seconds(60)});
        script.enter(1);
        script.probe_answers();
        script.subject.requeue(1, script.now, script.now + seconds(60));
        script.subject.leave(1, script.now);
        if (was_ready) {
            script.probe_answers();
            script.probe_fails();
            script.probe_fails();
        }
        script.advance(seconds(3'600));
        ASSERT_EQ(script.subject.state(), gate_state::asleep);
        script.enter(2);
        script.probe_answers();
        script.subject.requeue(2, script.now, script.now + seconds(60));
        EXPECT_EQ(script.subject.next_due() - script.now, milliseconds(50)) << was_ready;
    }
}

TEST(gate, knows_a_wake_from_a_second_look_at_a_server_that_answers_all_the_time) {
    gate_script script;
    script.enter(1);
    EXPECT_FALSE(script.subject.is_recheck());
    script.probe_answers();
    EXPECT_FALSE(script.subject.is_recheck()) << "it was asleep as far as was known";
    script.subject.requeue(1, script.now, script.now + seconds(60));
    script.probe_answers();
    EXPECT_TRUE(script.subject.is_recheck());
    script.subject.requeue(1, script.now, script.now + seconds(60));
    script.probe_fails();
    script.probe_answers();
    EXPECT_FALSE(script.subject.is_recheck());
}

TEST(gate, refuses_who_comes_back_too_late) {
    gate_script script;
    script.enter(1, seconds(5));
    script.probe_answers();
    script.decisions();
    const auto deadline = script.now + seconds(5);
    script.now += seconds(6);
    script.subject.requeue(1, script.now, deadline);
    EXPECT_THAT(script.decisions(), ElementsAre(refused(1, gate_error::turned_away)));
}

TEST(gate, stays_ready_until_two_probes_in_a_row_fail) {
    gate_script script;
    script.enter(1);
    script.probe_answers();
    script.subject.closed(1, script.now);
    script.probe_fails();
    EXPECT_EQ(script.subject.state(), gate_state::ready);
    script.probe_answers();
    script.probe_fails();
    EXPECT_EQ(script.subject.state(), gate_state::ready);
    script.probe_fails();
    EXPECT_EQ(script.subject.state(), gate_state::asleep);
}

TEST(gate, stays_ready_when_the_server_refuses_the_probe) {
    gate_script script({.probe_ready_interval = seconds(15)});
    script.enter(1);
    script.probe_answers();
    script.decisions();
    for (int i = 0; i < 5; ++i) {
        script.probe_is_refused();
        EXPECT_EQ(script.subject.next_due(), script.now + seconds(15)) << "it is no miss";
    }
    script.enter(2);
    EXPECT_THAT(script.decisions(), ElementsAre(admitted(2)));
}

TEST(gate, never_looks_again_at_a_refusing_server_when_it_looks_at_no_ready_one) {
    gate_script script({.probe_ready_interval = seconds(0)});
    script.enter(1);
    script.probe_answers();
    script.probe_is_refused();
    EXPECT_EQ(script.subject.next_due(), time_point::max());
}

TEST(gate, takes_a_refused_probe_for_a_server_that_is_there_between_two_misses) {
    gate_script script;
    script.enter(1);
    script.probe_answers();
    script.subject.closed(1, script.now);
    script.probe_fails();
    script.probe_is_refused();
    script.probe_fails();
    EXPECT_EQ(script.subject.state(), gate_state::ready);
    script.probe_fails();
    EXPECT_EQ(script.subject.state(), gate_state::asleep);
}

TEST(gate, lets_nobody_in_while_a_waking_server_refuses_the_probe) {
    gate_script script;
    script.enter(1);
    script.enter_if_ready(2);
    script.probe_is_refused();
    EXPECT_EQ(script.subject.state(), gate_state::waking);
    EXPECT_THAT(script.decisions(), ElementsAre(refused(2, gate_error::may_not_wake)));
    EXPECT_TRUE(script.subject.probe_due(script.now + seconds(1)));
}

TEST(gate, wakes_instead_of_sleeping_when_probes_fail_while_somebody_waits) {
    gate_script script({.max_connections = 1});
    script.enter(1);
    script.probe_answers();
    script.enter(2);
    script.probe_fails();
    script.probe_fails();
    EXPECT_EQ(script.subject.state(), gate_state::waking);
}

TEST(gate, probes_less_often_the_longer_the_wake_takes) {
    gate_script script({
        .probe_interval = milliseconds(10),
        .probe_slow_interval = milliseconds(200),
    });
    script.enter(1);
    const auto pause_after = [&script](duration waking_for) {
        script.now = script.subject.wake_started() + waking_for;
        script.probe_fails();
        return script.subject.next_due() - script.now;
    };
    EXPECT_EQ(pause_after(milliseconds(0)), milliseconds(10));
    EXPECT_EQ(pause_after(milliseconds(500)), milliseconds(10));
    EXPECT_EQ(pause_after(milliseconds(2'000)), milliseconds(40));
    EXPECT_EQ(pause_after(milliseconds(9'000)), milliseconds(180));
    EXPECT_EQ(pause_after(milliseconds(50'000)), milliseconds(200));
}

TEST(gate, runs_one_probe_at_a_time) {
    gate_script script;
    script.enter(1);
    script.subject.probe_started(script.now);
    EXPECT_FALSE(script.subject.probe_due(script.now + seconds(30)));
}

TEST(gate, looks_at_a_ready_cluster_now_and_then_or_never) {
    gate_script often({.probe_ready_interval = seconds(15)});
    often.enter(1);
    often.probe_answers();
    EXPECT_TRUE(often.subject.probe_due(often.now + seconds(15)));
    gate_script never({.probe_ready_interval = seconds(0)});
    never.enter(1);
    never.probe_answers();
    EXPECT_EQ(never.subject.next_due(), time_point::max());
}

TEST(gate, lets_nobody_in_while_draining_but_still_serves_who_waits) {
    gate_script script;
    script.enter(1);
    script.subject.drain();
    EXPECT_EQ(script.subject.state(), gate_state::draining);
    EXPECT_TRUE(script.subject.waking());
    script.enter(2);
    EXPECT_THAT(script.decisions(), ElementsAre(refused(2, gate_error::draining)));
    script.probe_answers();
    EXPECT_THAT(script.decisions(), ElementsAre(admitted(1)));
}

TEST(gate, ends_all_waiting_in_order_when_told_to) {
    gate_script script;
    script.enter(1);
    script.enter(2);
    script.subject.refuse_all(gate_error::draining, script.now);
    EXPECT_THAT(
        script.decisions(),
        ElementsAre(refused(1, gate_error::draining), refused(2, gate_error::draining))
    );
    EXPECT_EQ(script.queue_limit.waiting, 0U);
}

} // namespace
} // namespace wakegate::proxy
