#include "proxy/gate/cluster_traffic.hpp"

#include <gtest/gtest.h>

namespace wakegate::proxy {
namespace {

const time_point start{std::chrono::hours(1)};

TEST(cluster_traffic, knows_no_activity_before_the_first) {
    const cluster_traffic traffic(2);
    const auto totals = traffic.sum();
    EXPECT_EQ(totals.busy, 0U);
    EXPECT_EQ(totals.idle, 0U);
    EXPECT_FALSE(totals.last_activity.has_value());
}

TEST(cluster_traffic, adds_up_all_workers_and_takes_the_latest_activity) {
    cluster_traffic traffic(2);
    traffic.of_worker(0).session_opened();
    traffic.of_worker(1).session_opened();
    traffic.of_worker(1).session_opened();
    (void)traffic.of_worker(0).became_busy(start);
    (void)traffic.of_worker(1).became_busy(start + seconds(3));
    const auto totals = traffic.sum();
    EXPECT_EQ(totals.busy, 2U);
    EXPECT_EQ(totals.idle, 1U);
    EXPECT_EQ(totals.last_activity, start + seconds(3));
}

TEST(cluster_traffic, remembers_the_end_of_work_as_activity) {
    cluster_traffic traffic(1);
    traffic.of_worker(0).session_opened();
    (void)traffic.of_worker(0).became_busy(start);
    traffic.of_worker(0).became_idle(start + seconds(9));
    const auto totals = traffic.sum();
    EXPECT_EQ(totals.busy, 0U);
    EXPECT_EQ(totals.idle, 1U);
    EXPECT_EQ(totals.last_activity, start + seconds(9));
}

TEST(cluster_traffic, calls_work_an_edge_only_after_a_silence) {
    traffic_counters counters;
    EXPECT_TRUE(counters.became_busy(start));
    counters.became_idle(start);
    EXPECT_FALSE(counters.became_busy(start + milliseconds(1)));
    counters.became_idle(start + milliseconds(2));
    EXPECT_TRUE(counters.became_busy(start + milliseconds(2) + traffic_counters::edge_silence));
}

} // namespace
} // namespace wakegate::proxy
