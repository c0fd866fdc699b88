#include "proxy/report/scaler_view.hpp"

#include <gtest/gtest.h>

namespace wakegate::proxy {
namespace {

const time_point start{seconds(1'000)};

cluster_status_at_scaler standing(scaler_answer answer, std::size_t asked = 1) {
    return {.answer = answer, .reason = std::string(to_string(answer)), .asked = asked};
}

/// Idle, and asleep after so many seconds.
cluster_status_at_scaler sleeps_in(int count, std::size_t asked = 1) {
    auto made = standing(scaler_answer::idle, asked);
    made.sleeps_at = start + seconds(count);
    return made;
}

TEST(scaler_view, knows_nothing_before_a_replica_has_spoken) {
    const scaler_view view;
    EXPECT_EQ(view.of("app"), std::nullopt);
    EXPECT_EQ(view.proxies(), 0U);
}

TEST(scaler_view, gives_what_the_one_replica_said_last) {
    scaler_view view;
    view.learn("a", "app", standing(scaler_answer::active));
    view.learn("a", "app", sleeps_in(60));
    view.learn("a", "other", standing(scaler_answer::active));
    EXPECT_EQ(view.of("app"), sleeps_in(60));
    EXPECT_EQ(view.of("nobody"), std::nullopt);
}

TEST(scaler_view, lets_active_win_over_unknown_and_unknown_over_idle) {
    scaler_view view;
    view.learn("a", "app", sleeps_in(60));
    view.learn("b", "app", standing(scaler_answer::unknown));
    EXPECT_EQ(view.of("app")->answer, scaler_answer::unknown);
    EXPECT_EQ(view.of("app")->reason, "unknown");
    EXPECT_EQ(view.of("app")->sleeps_at, std::nullopt) << "nobody stops what is unknown";
    view.learn("c", "app", standing(scaler_answer::active));
    EXPECT_EQ(view.of("app")->answer, scaler_answer::active);
    EXPECT_EQ(view.of("app")->reason, "active");
}

TEST(scaler_view, takes_the_latest_time_and_none_that_only_some_can_tell) {
    scaler_view view;
    view.learn("a", "app", sleeps_in(60));
    view.learn("b", "app", sleeps_in(90));
    EXPECT_EQ(view.of("app")->sleeps_at, start + seconds(90));
    view.learn("c", "app", standing(scaler_answer::idle));
    EXPECT_EQ(view.of("app")->sleeps_at, std::nullopt);
}

TEST(scaler_view, takes_the_latest_word_for_the_time_of_all) {
    scaler_view view;
    auto early = standing(scaler_answer::active);
    early.told_at = start;
    auto late = standing(scaler_answer::idle);
    late.told_at = start + seconds(1);
    view.learn("a", "app", early);
    view.learn("b", "app", late);
    EXPECT_EQ(view.of("app")->told_at, late.told_at);
}

TEST(scaler_view, listens_to_a_replica_that_nobody_asks_only_where_nobody_asks_any) {
    for (const std::string asked : {"a", "c"}) { // before and behind the other in the order
        scaler_view view;
        view.learn("b", "app", standing(scaler_answer::unknown, 0));
        EXPECT_EQ(view.of("app")->answer, scaler_answer::unknown);
        EXPECT_EQ(view.of("app")->asked, 0U);
        view.learn(asked, "app", sleeps_in(60, 2));
        EXPECT_EQ(view.of("app"), sleeps_in(60, 2)) << asked;
    }
}

TEST(scaler_view, forgets_a_replica_whose_stream_is_over) {
    scaler_view view;
    view.learn("a", "app", standing(scaler_answer::active));
    view.learn_proxies("a", 3);
    view.learn("b", "app", sleeps_in(60));
    view.learn_proxies("b", 2);
    EXPECT_EQ(view.proxies(), 3U);
    view.forget("a");
    EXPECT_EQ(view.of("app"), sleeps_in(60));
    EXPECT_EQ(view.proxies(), 2U);
    view.forget("b");
    EXPECT_EQ(view.of("app"), std::nullopt);
    EXPECT_EQ(view.proxies(), 0U);
}

} // namespace
} // namespace wakegate::proxy
