#include "proxy/report/scaler_view.hpp"

#include <gtest/gtest.h>

namespace wakegate::proxy {
namespace {

const time_point start{seconds(1'000)};

cluster_status_at_scaler status(scaler_answer answer, std::size_t scaled_objects = 1) {
    return {
        .answer = answer, .reason = std::string(to_string(answer)), .scaled_objects = scaled_objects
    };
}

/// An idle cluster that sleeps after `count` seconds.
cluster_status_at_scaler sleeps_in(int count, std::size_t scaled_objects = 1) {
    auto idle = status(scaler_answer::idle, scaled_objects);
    idle.sleeps_at = start + seconds(count);
    return idle;
}

TEST(scaler_view, knows_nothing_before_a_replica_has_spoken) {
    const scaler_view view;
    EXPECT_EQ(view.for_cluster("app"), std::nullopt);
    EXPECT_EQ(view.proxies(), 0U);
}

TEST(scaler_view, gives_what_the_one_replica_said_last) {
    scaler_view view;
    view.update("a", "app", status(scaler_answer::active));
    view.update("a", "app", sleeps_in(60));
    view.update("a", "other", status(scaler_answer::active));
    EXPECT_EQ(view.for_cluster("app"), sleeps_in(60));
    EXPECT_EQ(view.for_cluster("nobody"), std::nullopt);
}

TEST(scaler_view, lets_active_win_over_unknown_and_unknown_over_idle) {
    scaler_view view;
    view.update("a", "app", sleeps_in(60));
    view.update("b", "app", status(scaler_answer::unknown));
    EXPECT_EQ(view.for_cluster("app")->answer, scaler_answer::unknown);
    EXPECT_EQ(view.for_cluster("app")->reason, "unknown");
    EXPECT_EQ(view.for_cluster("app")->sleeps_at, std::nullopt) << "nobody stops what is unknown";
    view.update("c", "app", status(scaler_answer::active));
    EXPECT_EQ(view.for_cluster("app")->answer, scaler_answer::active);
    EXPECT_EQ(view.for_cluster("app")->reason, "active");
}

TEST(scaler_view, takes_the_latest_time_and_none_that_only_some_can_tell) {
    scaler_view view;
    view.update("a", "app", sleeps_in(60));
    view.update("b", "app", sleeps_in(90));
    EXPECT_EQ(view.for_cluster("app")->sleeps_at, start + seconds(90));
    view.update("c", "app", status(scaler_answer::idle));
    EXPECT_EQ(view.for_cluster("app")->sleeps_at, std::nullopt);
}

TEST(scaler_view, takes_the_latest_word_for_the_time_of_all) {
    scaler_view view;
    auto early = status(scaler_answer::active);
    early.received_at = start;
    auto late = status(scaler_answer::idle);
    late.received_at = start + seconds(1);
    view.update("a", "app", early);
    view.update("b", "app", late);
    EXPECT_EQ(view.for_cluster("app")->received_at, late.received_at);
}

TEST(scaler_view, listens_to_a_replica_that_nobody_asks_only_where_nobody_asks_any) {
    for (const std::string replica : {"a", "c"}) { // before and behind the other in the order
        scaler_view view;
        view.update("b", "app", status(scaler_answer::unknown, 0));
        EXPECT_EQ(view.for_cluster("app")->answer, scaler_answer::unknown);
        EXPECT_EQ(view.for_cluster("app")->scaled_objects, 0U);
        view.update(replica, "app", sleeps_in(60, 2));
        EXPECT_EQ(view.for_cluster("app"), sleeps_in(60, 2)) << replica;
    }
}

TEST(scaler_view, forgets_a_replica_whose_stream_is_over) {
    scaler_view view;
    view.update("a", "app", status(scaler_answer::active));
    view.set_proxies("a", 3);
    view.update("b", "app", sleeps_in(60));
    view.set_proxies("b", 2);
    EXPECT_EQ(view.proxies(), 3U);
    view.forget("a");
    EXPECT_EQ(view.for_cluster("app"), sleeps_in(60));
    EXPECT_EQ(view.proxies(), 2U);
    view.forget("b");
    EXPECT_EQ(view.for_cluster("app"), std::nullopt);
    EXPECT_EQ(view.proxies(), 0U);
}

} // namespace
} // namespace wakegate::proxy
