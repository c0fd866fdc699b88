#include "scaler/faults.hpp"
#include "scaler/metrics.hpp"
#include "tests/scaler/reports.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace wakegate::scaler {
namespace {

using namespace testing;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

const trigger_spec ap{.cluster = "ap"};

/// A replica whose one proxy has reported two clusters.
class faults_test : public ::testing::Test {
protected:
    void report(const cluster_demand& demand, time_point now, const std::string& proxy = "a") {
        const auto next_report = snapshot(proxy, ++sequence_, {demand, quiet("billing")});
        static_cast<void>(board_.report(next_report, now));
    }

    demand_board board_{
        {.proxies = {.expected_proxies = 1, .expected_is_stated = true}, .pace = {}}, start
    };
    std::uint64_t sequence_ = 0;
};

TEST_F(faults_test, demand_that_nobody_asks_about_is_told_with_what_they_do_ask_about) {
    report(held("app", 2), start);
    board_.remember("prod/app", ap, start);
    board_.remember("prod/billing", {.cluster = "billing"}, start);
    EXPECT_THAT(board_.tick(start).unheard, IsEmpty());
    report(held("app", 2), at(seconds(10)));
    const auto unheard = board_.tick(at(seconds(10))).unheard;
    ASSERT_EQ(unheard.size(), 1U);
    EXPECT_EQ(unheard[0].cluster, "app");
    EXPECT_EQ(unheard[0].held, 2U);
    EXPECT_THAT(unheard[0].unreported_clusters, ElementsAre("ap"));
    EXPECT_THAT(
        list_faults(board_.status(at(seconds(10)))),
        ElementsAre(
            "cluster app is wanted (2 held), and no ScaledObject asks about it; they ask about ap, "
            "which no proxy names",
            "ScaledObject prod/app asks about cluster ap, which no proxy names; they name app, "
            "billing"
        )
    );
}

TEST_F(faults_test, demand_is_heard_by_a_poll_or_a_stream) {
    struct deaf_sink final : activation_sink {
        void activate() noexcept override {}
    };

    report(held("app", 2), start);
    EXPECT_THAT(board_.tick(start).unheard, IsEmpty());
    report(held("app", 2), at(seconds(10)));
    deaf_sink sink;
    board_changes changes;
    const auto number = board_.subscribe({.cluster = "app"}, sink, start, changes);
    EXPECT_THAT(board_.tick(at(seconds(10))).unheard, IsEmpty());
    board_.unsubscribe(number);
    board_.remember("prod/app", {.cluster = "app"}, at(seconds(11)));
    EXPECT_THAT(board_.tick(at(seconds(11))).unheard, IsEmpty());
}

TEST_F(faults_test, who_waits_for_a_connection_of_an_awake_cluster_needs_nobody_to_ask) {
    auto full = busy("app", 9);
    full.held = 1;
    report(full, start);
    EXPECT_THAT(board_.tick(start).unheard, IsEmpty());
    report(full, at(seconds(10)));
    EXPECT_THAT(board_.tick(at(seconds(10))).unheard, IsEmpty());
}

TEST_F(faults_test, a_trigger_of_an_unnamed_cluster_is_told_with_the_nearest_first) {
    EXPECT_TRUE(board_.remember("prod/app", ap, start)) << "no proxy has reported yet";
    report(quiet("app"), start);
    EXPECT_FALSE(board_.remember("prod/app", ap, start));
    EXPECT_TRUE(board_.remember("prod/billing", {.cluster = "billing"}, start));
    EXPECT_THAT(board_.reported_clusters(), ElementsAre("app", "billing"));
    EXPECT_EQ(
        describe({.scaled_object = "prod/x", .cluster = "bill"}, board_.reported_clusters()),
        "ScaledObject prod/x asks about cluster bill, which no proxy names; they name billing, app"
    );
}

TEST_F(faults_test, clusters_that_nobody_names_are_so_many_at_most) {
    report(quiet("app"), start);
    for (int number = 0; number < 1'000; ++number) {
        board_.remember("prod/a", {.cluster = "made-up-" + std::to_string(number)}, start);
    }
    const auto status = board_.status(start);
    EXPECT_EQ(status.clusters.size(), 102U);
    EXPECT_EQ(list_faults(status).size(), 20U);
    EXPECT_THAT(metrics().page(status, 0), Not(HasSubstr("made-up")));
}

TEST(faults_missing_proxies, are_told_once_settled_and_then_each_minute) {
    demand_board board({.proxies = {.expected_proxies = 2}, .pace = {}}, start);
    static_cast<void>(board.report(snapshot("a", 1, {quiet("app")}), start));
    EXPECT_FALSE(board.tick(at(seconds(14))).shortage) << "settling";
    EXPECT_THAT(list_faults(board.status(at(seconds(14)))), IsEmpty());
    static_cast<void>(board.report(snapshot("a", 2, {quiet("app")}), at(seconds(14))));
    const auto shortage = board.tick(at(seconds(15))).shortage;
    ASSERT_TRUE(shortage);
    EXPECT_EQ(shortage->expected, 2U);
    EXPECT_EQ(shortage->leased, 1U);
    EXPECT_THAT(
        list_faults(board.status(at(seconds(15)))),
        ElementsAre("databases never sleep until 2 proxies report, 1 does")
    );
    EXPECT_FALSE(board.tick(at(seconds(16))).shortage);
    EXPECT_TRUE(board.tick(at(seconds(75))).shortage);
    static_cast<void>(board.report(snapshot("a", 3, {quiet("app")}), at(seconds(76))));
    static_cast<void>(board.report(snapshot("b", 1, {quiet("app")}), at(seconds(76))));
    EXPECT_THAT(list_faults(board.status(at(seconds(76)))), IsEmpty());
}

TEST(faults, name_so_many_at_most) {
    EXPECT_EQ(join_names({}), "");
    EXPECT_EQ(join_names({"a", "b"}), "a, b");
    EXPECT_EQ(
        join_names({"0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11"}),
        "0, 1, 2, 3, 4, 5, 6, 7, 8, 9 and 2 more"
    );
    EXPECT_EQ(
        describe(proxy_shortage{.expected = 1, .leased = 0}),
        "databases never sleep until 1 proxy reports, 0 do"
    );
}

} // namespace
} // namespace wakegate::scaler
