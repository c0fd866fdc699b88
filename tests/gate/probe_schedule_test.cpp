#include "proxy/gate/probe_schedule.hpp"

#include <gtest/gtest.h>

namespace wakegate::proxy {
namespace {

constexpr time_point start{std::chrono::hours(1)};

TEST(probe_schedule, has_nothing_due_until_a_probe_is_requested) {
    probe_schedule schedule({});
    EXPECT_FALSE(schedule.is_due(start));
    schedule.request(start);
    EXPECT_TRUE(schedule.is_due(start));
}

TEST(probe_schedule, has_one_probe_under_way_at_a_time) {
    probe_schedule schedule({});
    schedule.started(start, start);
    schedule.request(start);
    EXPECT_FALSE(schedule.is_due(start + seconds(60)));
    EXPECT_EQ(schedule.next(), time_point::max());
}

TEST(probe_schedule, probes_less_often_the_longer_clients_wait) {
    probe_schedule schedule({.shortest = milliseconds(10), .longest = milliseconds(200)});
    const auto pause_after = [&](duration waited) {
        schedule.started(start + waited, start);
        schedule.failed(start + waited);
        return schedule.next() - (start + waited);
    };
    EXPECT_EQ(pause_after(seconds(0)), milliseconds(10));
    EXPECT_EQ(pause_after(seconds(5)), milliseconds(100));
    EXPECT_EQ(pause_after(seconds(60)), milliseconds(200));
}

TEST(probe_schedule, remembers_a_failure_for_the_longest_interval) {
    probe_schedule schedule({.longest = milliseconds(200)});
    EXPECT_FALSE(schedule.has_just_failed(start));
    schedule.failed(start);
    EXPECT_TRUE(schedule.has_just_failed(start + milliseconds(199)));
    EXPECT_FALSE(schedule.has_just_failed(start + milliseconds(200)));
}

TEST(probe_schedule, probes_a_ready_server_by_its_own_interval_or_never) {
    probe_schedule schedule({.ready = seconds(15)});
    schedule.succeeded(start);
    EXPECT_EQ(schedule.next(), start + seconds(15));
    probe_schedule never({.ready = milliseconds(0)});
    never.succeeded(start);
    EXPECT_EQ(never.next(), time_point::max());
}

TEST(probe_schedule, probes_less_often_the_longer_a_server_rejects_sessions) {
    probe_schedule schedule({});
    EXPECT_EQ(schedule.next_recheck(start), start + milliseconds(50));
    const auto later = start + seconds(2);
    EXPECT_EQ(schedule.next_recheck(later), later + milliseconds(200));
    EXPECT_TRUE(schedule.is_rechecking());
    schedule.end_recheck();
    EXPECT_EQ(schedule.next_recheck(later), later + milliseconds(50));
}

} // namespace
} // namespace wakegate::proxy
