#include "proxy/gate/probe_schedule.hpp"

#include <gtest/gtest.h>

namespace wakegate::proxy {
namespace {

constexpr time_point start{std::chrono::hours(1)};

TEST(probe_schedule, has_nothing_due_until_somebody_wants_to_know) {
    probe_schedule schedule({});
    EXPECT_FALSE(schedule.is_due(start));
    schedule.want(start);
    EXPECT_TRUE(schedule.is_due(start));
}

TEST(probe_schedule, has_one_look_under_way_at_a_time) {
    probe_schedule schedule({});
    schedule.started(start, start);
    schedule.want(start);
    EXPECT_FALSE(schedule.is_due(start + seconds(60)));
    EXPECT_EQ(schedule.next(), time_point::max());
}

TEST(probe_schedule, looks_rarer_the_longer_somebody_waits) {
    probe_schedule schedule({.shortest = milliseconds(10), .longest = milliseconds(200)});
    const auto pause_after = [&](duration waited) {
        schedule.started(start + waited, start);
        schedule.missed(start + waited);
        return schedule.next() - (start + waited);
    };
    EXPECT_EQ(pause_after(seconds(0)), milliseconds(10));
    EXPECT_EQ(pause_after(seconds(5)), milliseconds(100));
    EXPECT_EQ(pause_after(seconds(60)), milliseconds(200));
}

TEST(probe_schedule, remembers_a_miss_as_long_as_looks_are_apart_at_most) {
    probe_schedule schedule({.longest = milliseconds(200)});
    EXPECT_FALSE(schedule.has_just_missed(start));
    schedule.missed(start);
    EXPECT_TRUE(schedule.has_just_missed(start + milliseconds(199)));
    EXPECT_FALSE(schedule.has_just_missed(start + milliseconds(200)));
}

TEST(probe_schedule, looks_at_a_ready_server_by_its_own_interval_or_never) {
    probe_schedule schedule({.ready = seconds(15)});
    schedule.found(start);
    EXPECT_EQ(schedule.next(), start + seconds(15));
    probe_schedule never({.ready = milliseconds(0)});
    never.found(start);
    EXPECT_EQ(never.next(), time_point::max());
}

TEST(probe_schedule, looks_rarer_at_a_server_that_turns_sessions_away_for_long) {
    probe_schedule schedule({});
    EXPECT_EQ(schedule.after_turned_away(start), start + milliseconds(50));
    const auto later = start + seconds(2);
    EXPECT_EQ(schedule.after_turned_away(later), later + milliseconds(200));
    EXPECT_TRUE(schedule.is_turned_away());
    schedule.agree();
    EXPECT_EQ(schedule.after_turned_away(later), later + milliseconds(50));
}

} // namespace
} // namespace wakegate::proxy
