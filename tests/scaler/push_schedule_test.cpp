#include "scaler/state/push_schedule.hpp"
#include "tests/scaler/reports.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace wakegate::scaler {
namespace {

using testing::at;

constexpr push_demand nothing{.active = false, .unserved = false};
constexpr push_demand served{.active = true, .unserved = false};
constexpr push_demand unserved{.active = true, .unserved = true};

push_schedule schedule(std::uint32_t seed = 1) {
    return push_schedule(push_pace{}, seed);
}

TEST(push_schedule, keeps_still_without_demand) {
    auto pushes = schedule();
    EXPECT_FALSE(pushes.observe(nothing, at(seconds(0))));
    EXPECT_FALSE(pushes.is_due(at(seconds(100))));
    EXPECT_FALSE(pushes.observe(nothing, at(seconds(100))));
}

TEST(push_schedule, pushes_once_for_demand_that_is_served) {
    auto pushes = schedule();
    EXPECT_TRUE(pushes.observe(served, at(seconds(0))));
    EXPECT_FALSE(pushes.observe(served, at(seconds(1))));
    EXPECT_FALSE(pushes.is_due(at(seconds(1'000))));
    EXPECT_FALSE(pushes.observe(served, at(seconds(1'000))));
}

TEST(push_schedule, pushes_on_every_edge_however_close) {
    auto pushes = schedule();
    EXPECT_TRUE(pushes.observe(served, at(milliseconds(0))));
    EXPECT_FALSE(pushes.observe(nothing, at(milliseconds(1))));
    EXPECT_TRUE(pushes.observe(unserved, at(milliseconds(2))));
}

TEST(push_schedule, repeats_after_2_s_and_then_at_random_between_5_and_10_s) {
    for (std::uint32_t seed = 0; seed < 50; ++seed) {
        auto pushes = schedule(seed);
        ASSERT_TRUE(pushes.observe(unserved, at(milliseconds(0))));
        std::vector<milliseconds> gaps;
        milliseconds last(0);
        for (milliseconds now(1); gaps.size() < 6; ++now) {
            if (pushes.is_due(at(now))) {
                ASSERT_TRUE(pushes.observe(unserved, at(now)));
                gaps.push_back(now - last);
                last = now;
            }
        }
        EXPECT_EQ(gaps.front(), milliseconds(2'000));
        for (std::size_t i = 1; i < gaps.size(); ++i) {
            EXPECT_GE(gaps[i], milliseconds(5'000));
            EXPECT_LE(gaps[i], milliseconds(10'000));
        }
    }
}

TEST(push_schedule, jitter_differs_between_streams) {
    auto one = schedule(1);
    auto other = schedule(2);
    bool differed = false;
    for (auto* pushes : {&one, &other}) {
        ASSERT_TRUE(pushes->observe(unserved, at(seconds(0))));
        ASSERT_TRUE(pushes->observe(unserved, at(seconds(2))));
    }
    for (milliseconds now(7'000); now <= seconds(12); ++now) {
        differed = differed || one.is_due(at(now)) != other.is_due(at(now));
    }
    EXPECT_TRUE(differed);
}

TEST(push_schedule, pushes_at_once_when_clients_begin_to_starve_in_the_activity_window) {
    auto pushes = schedule();
    EXPECT_TRUE(pushes.observe(served, at(seconds(0))));
    EXPECT_TRUE(pushes.observe(unserved, at(seconds(30))));
    EXPECT_FALSE(pushes.observe(unserved, at(milliseconds(31'999))));
    EXPECT_TRUE(pushes.observe(unserved, at(seconds(32))));
}

TEST(push_schedule, clients_that_come_and_go_do_not_speed_it_up) {
    auto pushes = schedule();
    int count = 0;
    for (milliseconds now(0); now < seconds(20); now += milliseconds(100)) {
        const bool waits = (now.count() / 100) % 2 == 0;
        count += pushes.observe(waits ? unserved : served, at(now)) ? 1 : 0;
    }
    EXPECT_EQ(count, 10);
}

TEST(push_schedule, stops_when_the_cluster_is_up) {
    auto pushes = schedule();
    EXPECT_TRUE(pushes.observe(unserved, at(seconds(0))));
    EXPECT_FALSE(pushes.observe(served, at(seconds(1))));
    EXPECT_FALSE(pushes.is_due(at(seconds(60))));
}

} // namespace
} // namespace wakegate::scaler
