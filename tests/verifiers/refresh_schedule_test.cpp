#include "proxy/verifiers/refresh_schedule.hpp"

#include <gtest/gtest.h>

namespace wakegate::proxy {
namespace {

constexpr auto interval = seconds(300);
constexpr auto max_age = milliseconds(0);

struct refresh_schedule_test : testing::Test {
    /// Runs a query when it is due, with this result.
    void ask(bool well, duration took = seconds(0)) {
        now = tested.next_due();
        ASSERT_TRUE(tested.due(now));
        tested.on_query_start(now);
        EXPECT_EQ(tested.next_due(), time_point::max());
        now += took;
        tested.on_query_end(now, well);
    }

    [[nodiscard]] duration pause() const { return tested.next_due() - now; }

    time_point now{seconds(1'000'000)};
    refresh_schedule tested{interval, max_age, true, now};
};

TEST_F(refresh_schedule_test, asks_at_the_start_at_a_wake_and_every_interval) {
    ask(true);
    EXPECT_EQ(pause(), interval);
    now += seconds(10);
    tested.on_wake(now);
    EXPECT_EQ(pause(), seconds(0));
    ask(true, seconds(2));
    EXPECT_EQ(pause(), interval);
}

TEST_F(refresh_schedule_test, asks_once_a_second_however_often_it_wakes) {
    tested.on_wake(now);
    ask(true, milliseconds(100));
    for (int i = 0; i < 10; ++i) {
        tested.on_sleep();
        now += milliseconds(50);
        tested.on_wake(now);
    }
    EXPECT_EQ(pause(), milliseconds(400));
    ask(true);
    EXPECT_EQ(pause(), interval);
}

TEST_F(refresh_schedule_test, asks_once_more_at_a_wake_while_it_asks) {
    tested.on_query_start(now);
    now += milliseconds(200);
    tested.on_wake(now);
    now += milliseconds(100);
    tested.on_query_end(now, false);
    EXPECT_EQ(pause(), milliseconds(700));
}

TEST_F(refresh_schedule_test, asks_a_sleeping_server_no_more_often_than_an_awake_one) {
    ask(false);
    EXPECT_EQ(pause(), interval);
}

TEST_F(refresh_schedule_test, asks_soon_again_when_an_awake_server_did_not_answer) {
    tested.on_wake(now);
    ask(false);
    EXPECT_EQ(pause(), seconds(15));
    tested.on_sleep();
    ask(false);
    EXPECT_EQ(pause(), interval);
}

TEST_F(refresh_schedule_test, asks_often_while_nobody_is_known) {
    tested = refresh_schedule(interval, max_age, false, now);
    ask(false);
    EXPECT_EQ(pause(), seconds(15));
    ask(true);
    EXPECT_EQ(pause(), interval);
    ask(false);
    EXPECT_EQ(pause(), interval);
}

TEST_F(refresh_schedule_test, asks_a_sleeping_server_for_a_failed_login_while_nobody_is_known) {
    tested = refresh_schedule(interval, max_age, false, now);
    ask(false);
    now += milliseconds(200);
    tested.on_login_failure(now);
    EXPECT_EQ(pause(), milliseconds(800)) << "once a second at most";
    ask(false);
    EXPECT_EQ(pause(), seconds(15));
    ask(true);
    tested.on_login_failure(now);
    EXPECT_EQ(pause(), interval) << "it sleeps, and has told";
}

/// An awake server that has just answered within 10 ms.
struct refresh_schedule_awake : refresh_schedule_test {
    refresh_schedule_awake() { wake(max_age); }

    void wake(milliseconds old_enough) {
        tested = refresh_schedule(interval, old_enough, true, now);
        tested.on_wake(now);
        ask(true, milliseconds(10));
    }
};

TEST_F(refresh_schedule_awake, asks_at_once_for_a_login) {
    now += seconds(10);
    EXPECT_EQ(tested.on_login(now), now);
    EXPECT_EQ(pause(), seconds(0));
    ask(true, milliseconds(10));
    EXPECT_EQ(pause(), interval);
}

TEST_F(refresh_schedule_awake, asks_no_more_than_half_of_the_time) {
    EXPECT_EQ(tested.on_login(now), now);
    EXPECT_EQ(pause(), milliseconds(10));
    ask(true, milliseconds(200));
    now += milliseconds(50);
    EXPECT_EQ(tested.on_login(now), now);
    EXPECT_EQ(tested.on_login(now), now) << "they share one";
    EXPECT_EQ(pause(), milliseconds(150));
}

TEST_F(refresh_schedule_awake, asks_once_more_for_a_login_that_came_while_it_asks) {
    now += seconds(10);
    tested.on_query_start(now);
    now += milliseconds(2);
    EXPECT_EQ(tested.on_login(now), now);
    EXPECT_FALSE(tested.due(now + seconds(10)));
    now += milliseconds(2);
    tested.on_query_end(now, true);
    EXPECT_EQ(pause(), milliseconds(4));
    ask(true);
    EXPECT_EQ(pause(), interval);
}

TEST_F(refresh_schedule_awake, lets_a_login_go_by_an_answer_that_is_young_enough) {
    wake(milliseconds(500));
    now += milliseconds(490); // counted from the query, 10 ms before its answer
    EXPECT_EQ(tested.on_login(now), std::nullopt);
    EXPECT_EQ(pause(), interval - milliseconds(490));
    now += milliseconds(1);
    EXPECT_EQ(tested.on_login(now), now - milliseconds(500));
    EXPECT_EQ(pause(), seconds(0));
}

TEST_F(refresh_schedule_awake, lets_a_login_share_a_question_that_is_young_enough) {
    wake(milliseconds(500));
    now += seconds(10);
    tested.on_query_start(now);
    now += milliseconds(5);
    EXPECT_EQ(tested.on_login(now), now - milliseconds(500));
    tested.on_query_end(now, true);
    EXPECT_EQ(pause(), interval) << "once is enough";
}

TEST_F(refresh_schedule_awake, lets_no_login_go_by_an_answer_that_is_older_than_a_failed_one) {
    wake(seconds(60));
    now += milliseconds(100);
    EXPECT_EQ(tested.on_login(now), std::nullopt);
    tested.on_login_failure(now);
    EXPECT_EQ(pause(), interval - milliseconds(100)) << "not before somebody tries again";
    const auto failed_at = now;
    now += milliseconds(100);
    EXPECT_EQ(tested.on_login(now), failed_at);
    EXPECT_EQ(pause(), seconds(0));
    ask(true);
    EXPECT_EQ(tested.on_login(now), std::nullopt);
}

TEST_F(refresh_schedule_awake, holds_no_login_up_while_the_server_refuses_to_tell) {
    now += seconds(10);
    ask(false);
    EXPECT_EQ(tested.on_login(now), std::nullopt);
    EXPECT_EQ(pause(), seconds(15));
    tested.on_login_failure(now);
    EXPECT_EQ(pause(), seconds(1)) << "it may do so again";
    ask(true);
    now += milliseconds(1);
    EXPECT_EQ(tested.on_login(now), now);
}

TEST_F(refresh_schedule_awake, holds_no_login_up_for_an_answer_that_does_not_come) {
    now += seconds(10);
    tested.on_query_start(now);
    now += refresh_schedule::max_login_wait;
    EXPECT_EQ(tested.on_login(now), std::nullopt);
}

TEST_F(refresh_schedule_awake, holds_no_login_up_for_an_answer_that_would_come_too_late) {
    now += seconds(10);
    ask(true, milliseconds(600));
    EXPECT_EQ(tested.on_login(now), std::nullopt) << "600 ms of pause, 600 for the answer";
    EXPECT_EQ(pause(), milliseconds(600)) << "the next one may profit from it";
    now += milliseconds(600);
    EXPECT_EQ(tested.on_login(now), now);
}

TEST_F(refresh_schedule_awake, leaves_a_sleeping_server_alone) {
    tested.on_sleep();
    const auto before = pause();
    EXPECT_EQ(tested.on_login(now), std::nullopt);
    tested.on_login_failure(now);
    EXPECT_EQ(pause(), before);
}

} // namespace
} // namespace wakegate::proxy
