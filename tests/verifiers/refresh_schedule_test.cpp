#include "proxy/verifiers/refresh_schedule.hpp"

#include <gtest/gtest.h>

namespace wakegate::proxy {
namespace {

constexpr auto interval = seconds(300);

struct schedule : testing::Test {
    /// Asks when it is due, and tells how that ended.
    void ask(bool well, duration took = seconds(0)) {
        now = tested.next_due();
        ASSERT_TRUE(tested.due(now));
        tested.began(now);
        EXPECT_EQ(tested.next_due(), time_point::max());
        now += took;
        tested.ended(now, well);
    }

    [[nodiscard]] duration pause() const { return tested.next_due() - now; }

    time_point now{seconds(1'000'000)};
    refresh_schedule tested{interval, true, now};
};

TEST_F(schedule, asks_at_the_start_at_a_wake_and_every_interval) {
    ask(true);
    EXPECT_EQ(pause(), interval);
    now += seconds(10);
    tested.woke(now);
    EXPECT_EQ(pause(), seconds(0));
    ask(true, seconds(2));
    EXPECT_EQ(pause(), interval);
}

TEST_F(schedule, asks_once_a_second_however_often_it_wakes) {
    tested.woke(now);
    ask(true, milliseconds(100));
    for (int i = 0; i < 10; ++i) {
        tested.fell_asleep();
        now += milliseconds(50);
        tested.woke(now);
    }
    EXPECT_EQ(pause(), milliseconds(400));
    ask(true);
    EXPECT_EQ(pause(), interval);
}

TEST_F(schedule, asks_once_more_at_a_wake_while_it_asks) {
    tested.began(now);
    now += milliseconds(200);
    tested.woke(now);
    now += milliseconds(100);
    tested.ended(now, false);
    EXPECT_EQ(pause(), milliseconds(700));
}

TEST_F(schedule, asks_a_sleeping_server_no_more_often_than_an_awake_one) {
    ask(false);
    EXPECT_EQ(pause(), interval);
}

TEST_F(schedule, asks_soon_again_when_an_awake_server_did_not_answer) {
    tested.woke(now);
    ask(false);
    EXPECT_EQ(pause(), seconds(15));
    tested.fell_asleep();
    ask(false);
    EXPECT_EQ(pause(), interval);
}

TEST_F(schedule, asks_often_while_nobody_is_known) {
    tested = refresh_schedule(interval, false, now);
    ask(false);
    EXPECT_EQ(pause(), seconds(15));
    ask(true);
    EXPECT_EQ(pause(), interval);
    ask(false);
    EXPECT_EQ(pause(), interval);
}

TEST_F(schedule, asks_for_a_failed_login_at_once_but_once_a_second) {
    tested.woke(now);
    ask(true);
    now += seconds(10);
    EXPECT_TRUE(tested.wanted(now));
    EXPECT_EQ(pause(), seconds(0));
    ask(true, milliseconds(300));
    EXPECT_TRUE(tested.wanted(now));
    EXPECT_TRUE(tested.wanted(now));
    EXPECT_EQ(pause(), milliseconds(700));
    ask(true);
    EXPECT_EQ(pause(), interval);
}

TEST_F(schedule, asks_once_more_for_who_failed_while_it_asks) {
    tested.woke(now);
    tested.began(now);
    now += milliseconds(200);
    EXPECT_TRUE(tested.wanted(now));
    EXPECT_FALSE(tested.due(now + seconds(10)));
    now += milliseconds(100);
    tested.ended(now, true);
    EXPECT_EQ(pause(), milliseconds(700));
    ask(true);
    EXPECT_EQ(pause(), interval);
}

TEST_F(schedule, leaves_a_sleeping_server_alone_when_logins_fail) {
    ask(true);
    EXPECT_FALSE(tested.wanted(now));
    EXPECT_EQ(pause(), interval);
    tested.woke(now);
    ask(true);
    tested.fell_asleep();
    EXPECT_FALSE(tested.wanted(now));
    EXPECT_EQ(pause(), interval);
}

} // namespace
} // namespace wakegate::proxy
