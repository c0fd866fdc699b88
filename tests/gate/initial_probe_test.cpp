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
constexpr milliseconds max_initial_probe(250);

/// A gate that has just started, or whose last probe of the sleeping cluster is old.
class initial_probe : public testing::TestWithParam<bool> {
protected:
    void enter(ticket id, duration patience = seconds(60)) {
        subject.enter(id, now, now + patience);
    }

    void advance(duration time) {
        now += time;
        subject.tick(now);
    }

    void SetUp() override {
        if (GetParam()) {
            subject.request_probe(now);
            subject.probe_started(now);
            subject.probe_failed(now);
            EXPECT_EQ(subject.state(), gate_state::asleep);
            now += slow;
        } else {
            EXPECT_EQ(subject.state(), gate_state::unknown);
        }
        EXPECT_FALSE(subject.probe_due(now));
        EXPECT_EQ(subject.next_due(), time_point::max());
    }

    time_point now{std::chrono::hours(1)};
    global_queue_limit queue_limit;
    gate subject{{.wake_grace = seconds(60), .probe_slow_interval = slow}, queue_limit};
};

TEST_P(initial_probe, is_due_at_once_for_the_first_who_wants_in_and_no_wake) {
    enter(1);
    EXPECT_TRUE(subject.probe_due(now));
    EXPECT_EQ(subject.state(), gate_state::unknown);
    EXPECT_FALSE(subject.waking());
    EXPECT_EQ(subject.held(), 1U) << "demand all the same, and at once";
    EXPECT_THAT(subject.take_decisions(), IsEmpty());
}

TEST_P(initial_probe, lets_all_in_when_the_cluster_is_awake) {
    enter(1);
    subject.probe_started(now);
    enter(2);
    subject.probe_answered(now, std::nullopt);
    EXPECT_THAT(subject.take_decisions(), ElementsAre(admitted(1), admitted(2)));
    EXPECT_EQ(subject.state(), gate_state::ready);
    advance(max_initial_probe);
    EXPECT_EQ(subject.state(), gate_state::ready);
}

TEST_P(initial_probe, begins_a_wake_since_its_client_came_when_nobody_answers) {
    enter(1);
    const auto arrival = now;
    subject.probe_started(now);
    advance(milliseconds(3));
    subject.probe_failed(now);
    EXPECT_TRUE(subject.waking());
    EXPECT_EQ(subject.wake_started(), arrival);
    EXPECT_FALSE(subject.is_recheck());
    EXPECT_EQ(subject.next_due(), arrival + milliseconds(10))
        << "as if it had been the wake's first";
}

TEST_P(initial_probe, that_takes_long_delays_no_wake_and_still_counts) {
    enter(1);
    subject.probe_started(now);
    EXPECT_EQ(subject.next_due(), now + max_initial_probe);
    advance(max_initial_probe);
    EXPECT_TRUE(subject.waking());
    EXPECT_FALSE(subject.probe_due(now)) << "it is still under way";
    subject.probe_answered(now, std::nullopt);
    EXPECT_THAT(subject.take_decisions(), ElementsAre(admitted(1)));
}

TEST_P(initial_probe, that_is_refused_says_why_it_waits) {
    enter(1);
    subject.probe_started(now);
    subject.probe_refused(now);
    EXPECT_TRUE(subject.waking());
    EXPECT_EQ(subject.cause_of_hold(connection_kind::ordinary), hold_cause::unconfirmed);
}

TEST_P(initial_probe, wakes_for_the_retry_of_a_client_that_left_meanwhile) {
    enter(1);
    subject.probe_started(now);
    subject.leave(1, now);
    subject.probe_failed(now);
    EXPECT_TRUE(subject.waking());
    advance(seconds(60));
    EXPECT_EQ(subject.state(), gate_state::asleep);
}

TEST_P(initial_probe, for_nobody_finds_sleep) {
    subject.request_probe(now);
    EXPECT_TRUE(subject.probe_due(now));
    subject.probe_started(now);
    subject.probe_failed(now);
    EXPECT_EQ(subject.state(), gate_state::asleep);
    EXPECT_EQ(subject.next_due(), time_point::max());
}

TEST_P(initial_probe, for_nobody_finds_the_cluster_awake) {
    subject.request_probe(now);
    subject.probe_started(now);
    subject.probe_answered(now, std::nullopt);
    EXPECT_EQ(subject.state(), gate_state::ready);
}

TEST_P(initial_probe, for_nobody_decides_for_who_comes_meanwhile) {
    subject.request_probe(now);
    subject.probe_started(now);
    enter(1);
    subject.probe_failed(now);
    EXPECT_TRUE(subject.waking());
    EXPECT_TRUE(subject.probe_due(now)) << "it began before anybody was waited for";
}

TEST_P(initial_probe, is_not_taken_right_after_one_that_failed) {
    subject.request_probe(now);
    subject.probe_started(now);
    subject.probe_failed(now);
    enter(1);
    EXPECT_TRUE(subject.waking());
    EXPECT_TRUE(subject.probe_due(now));
}

TEST_P(initial_probe, decides_for_who_defers) {
    subject.enter_if_ready(1, now, now + seconds(60));
    EXPECT_TRUE(subject.probe_due(now));
    subject.probe_started(now);
    subject.probe_failed(now);
    EXPECT_THAT(subject.take_decisions(), ElementsAre(refused(1, gate_error::may_not_wake)));
    EXPECT_EQ(subject.state(), gate_state::asleep);
}

INSTANTIATE_TEST_SUITE_P(
    initial_probe_of_a_gate,
    initial_probe,
    testing::Bool(),
    [](const auto& tested) {
        return tested.param ? "whose_last_probe_is_old" : "that_has_just_started";
    }
);

} // namespace
} // namespace wakegate::proxy
