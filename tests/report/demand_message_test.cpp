#include "proxy/report/demand_message.hpp"
#include "tests/support/silent_observer.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>

namespace wakegate::proxy {
namespace {

namespace asio = boost::asio;

asio::awaitable<void> wait_at(gate_service& gate, ticket id, time_point deadline) {
    co_await gate.enter(id, deadline);
}

struct demand_message : testing::Test {
    ClusterDemand entry(bool count_idle_sessions = false, duration later = {}) {
        DemandReport message;
        add_demand(
            message,
            {.gate = &gate, .count_idle_sessions = count_idle_sessions},
            clock::now() + later
        );
        EXPECT_EQ(message.clusters_size(), 1);
        return message.clusters(0);
    }

    void enter() {
        const auto id = gate.draw_ticket();
        const auto deadline = clock::now() + std::chrono::hours(1);
        asio::co_spawn(control, wait_at(gate, id, deadline), asio::detached);
        control.poll();
    }

    asio::io_context control{1};
    support::silent_observer observer;
    global_queue_limit room;
    cluster_traffic traffic{2};
    /// None of its probes ends, since the context does not run.
    gate_service gate{control, "app", {}, {.address = {"127.0.0.1", 1}}, room, traffic, observer};
};

TEST_F(demand_message, says_of_a_cluster_that_nobody_has_looked_at_that_nobody_wants_it) {
    const auto unknown = entry();
    EXPECT_EQ(unknown.cluster(), "app");
    EXPECT_EQ(unknown.state(), ClusterDemand::UNKNOWN);
    EXPECT_EQ(unknown.held(), 0U);
    EXPECT_EQ(unknown.busy(), 0U);
    EXPECT_EQ(unknown.idle(), 0U);
    EXPECT_FALSE(unknown.idle_counts());
    EXPECT_FALSE(unknown.has_last_activity_age_ms()) << "there was none";
}

TEST_F(demand_message, adds_up_what_all_workers_count) {
    for (const std::size_t worker : {0, 1}) {
        traffic.of_worker(worker).session_opened();
        traffic.of_worker(worker).session_opened();
    }
    (void)traffic.of_worker(1).became_busy(clock::now());
    const auto busy = entry(true);
    EXPECT_EQ(busy.busy(), 1U);
    EXPECT_EQ(busy.idle(), 3U);
    EXPECT_TRUE(busy.idle_counts());
}

TEST_F(demand_message, counts_who_waits_as_held_and_the_cluster_as_waking) {
    enter();
    enter();
    const auto waking = entry();
    EXPECT_EQ(waking.state(), ClusterDemand::WAKING);
    EXPECT_EQ(waking.held(), 2U);
    EXPECT_TRUE(waking.has_last_activity_age_ms()) << "to come in is activity";
}

TEST_F(demand_message, says_that_an_empty_gate_drains) {
    gate.drain();
    EXPECT_EQ(entry().state(), ClusterDemand::DRAINING);
}

TEST_F(demand_message, still_asks_for_the_cluster_while_it_drains_with_clients_held) {
    enter();
    gate.drain();
    EXPECT_EQ(entry().state(), ClusterDemand::WAKING);
    EXPECT_EQ(entry().held(), 1U);
}

TEST_F(demand_message, gives_the_age_of_the_last_activity_and_never_a_negative_one) {
    const auto now = clock::now();
    (void)traffic.of_worker(0).touch(now);
    EXPECT_GE(entry(false, seconds(90)).last_activity_age_ms(), 90'000U);
    (void)traffic.of_worker(0).touch(now + std::chrono::hours(1)); // ahead of the control thread
    ASSERT_TRUE(entry().has_last_activity_age_ms());
    EXPECT_EQ(entry().last_activity_age_ms(), 0U);
}

TEST(demand_message_status, has_times_where_the_replica_gives_periods) {
    const time_point now{seconds(1'000)};
    ClusterStatus message;
    message.set_cluster("app");
    message.set_answer(ClusterStatus::IDLE);
    message.set_reason("no demand");
    message.set_scaled_objects(2);
    EXPECT_EQ(
        to_cluster_status(message, now),
        (cluster_status_at_scaler{
            .answer = scaler_answer::idle,
            .reason = "no demand",
            .scaled_objects = 2,
            .received_at = now
        })
    );
    message.set_idle_in_ms(0);
    message.set_sleeps_in_ms(90'000);
    EXPECT_EQ(to_cluster_status(message, now).idle_at, now);
    EXPECT_EQ(to_cluster_status(message, now).sleeps_at, now + seconds(90));
}

TEST(demand_message_status, survives_what_no_replica_of_this_build_says) {
    const time_point now{seconds(1'000)};
    ClusterStatus message;
    message.set_answer(static_cast<ClusterStatus::Answer>(7));
    message.set_sleeps_in_ms(std::numeric_limits<std::uint64_t>::max());
    EXPECT_EQ(to_cluster_status(message, now).answer, scaler_answer::unknown);
    EXPECT_GT(to_cluster_status(message, now).sleeps_at, now);
}

} // namespace
} // namespace wakegate::proxy
