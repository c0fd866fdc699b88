#include "scaler/state/demand_board.hpp"
#include "tests/scaler/reports.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace wakegate::scaler {
namespace {

using namespace testing;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

struct counting_sink final : activation_sink {
    void activate() noexcept override { ++count; }

    int count = 0;
};

const trigger_spec app{.cluster = "app", .activity_window = seconds(60)};

class demand_board_test : public ::testing::Test {
protected:
    demand_board_test() {
        static_cast<void>(board_.report(snapshot("a", 1, {quiet("app"), quiet("other")}), start));
    }

    demand_board::subscription open(counting_sink& sink, time_point now = start) {
        board_changes changes;
        return board_.subscribe(app, sink, now, changes);
    }

    board_changes report(const demand_report& received, time_point now = start) {
        return board_.report(received, now).changes;
    }

    demand_board board_{
        board_settings{.proxies = {.expected_proxies = 1, .expected_is_stated = true}, .pace = {}},
        start
    };
};

TEST_F(demand_board_test, demand_reaches_every_stream_within_the_report) {
    counting_sink first;
    counting_sink second;
    open(first);
    open(second);
    EXPECT_EQ(first.count, 0);
    const auto changes = report(change("a", 2, {held("app", 1)}));
    EXPECT_EQ(first.count, 1);
    EXPECT_EQ(second.count, 1);
    EXPECT_THAT(changes.pushed, ElementsAre("app", "app"));
}

TEST_F(demand_board_test, demand_for_another_cluster_does_not) {
    counting_sink sink;
    open(sink);
    EXPECT_THAT(report(change("a", 2, {held("other", 1)})).pushed, IsEmpty());
    EXPECT_EQ(sink.count, 0);
}

TEST_F(demand_board_test, more_of_the_same_demand_is_no_news) {
    counting_sink sink;
    open(sink);
    for (std::uint32_t i = 1; i <= 100; ++i) {
        report(change("a", 1 + i, {held("app", i)}), at(milliseconds(i)));
    }
    EXPECT_EQ(sink.count, 1);
}

TEST_F(demand_board_test, a_stream_that_opens_late_is_told_at_once) {
    report(change("a", 2, {busy("app", 1)}));
    counting_sink sink;
    board_changes changes;
    static_cast<void>(board_.subscribe(app, sink, start, changes));
    EXPECT_EQ(sink.count, 1);
    EXPECT_THAT(changes.pushed, ElementsAre("app"));
}

TEST_F(demand_board_test, a_new_session_after_a_window_that_nobody_watched_ending_is_an_edge) {
    counting_sink sink;
    open(sink);
    report(change("a", 2, {busy("app", 1)}));
    report(change("a", 3, {quiet("app")}), at(seconds(1)));
    EXPECT_EQ(sink.count, 1);
    report(change("a", 4, {busy("app", 1)}), at(seconds(2)));
    EXPECT_EQ(sink.count, 1) << "still in the window";
    report(change("a", 5, {quiet("app")}), at(seconds(3)));
    report(change("a", 6, {busy("app", 1)}), at(seconds(63)));
    EXPECT_EQ(sink.count, 2);
}

TEST_F(demand_board_test, repeats_by_tick_while_clients_starve) {
    counting_sink sink;
    open(sink);
    report(change("a", 2, {held("app", 1)}));
    EXPECT_THAT(board_.tick(at(milliseconds(1'999))).pushed, IsEmpty());
    EXPECT_THAT(board_.tick(at(seconds(2))).pushed, ElementsAre("app"));
    report(change("a", 3, {busy("app", 1)}), at(seconds(3)));
    EXPECT_THAT(board_.tick(at(seconds(13))).pushed, IsEmpty());
    EXPECT_EQ(sink.count, 2);
}

TEST_F(demand_board_test, a_cluster_omitted_by_a_snapshot_is_not_repeated) {
    counting_sink sink;
    open(sink);
    report(change("a", 2, {held("app", 1)}));
    report(snapshot("a", 3, {}));
    EXPECT_THAT(board_.tick(at(seconds(2))).pushed, IsEmpty());
}

TEST_F(demand_board_test, a_closed_stream_hears_nothing) {
    counting_sink closed;
    counting_sink open_one;
    const auto number = open(closed);
    open(open_one);
    board_.unsubscribe(number);
    board_.unsubscribe(number);
    report(change("a", 2, {held("app", 1)}));
    EXPECT_EQ(closed.count, 0);
    EXPECT_EQ(open_one.count, 1);
}

TEST_F(demand_board_test, answers_with_verdict_and_metric) {
    report(change("a", 2, {held("app", 2)}));
    const auto answer = board_.evaluate(app, start);
    EXPECT_EQ(answer.decision.answer, scaler_answer::active);
    EXPECT_EQ(answer.metric, 2U);
}

TEST_F(demand_board_test, status_lists_clusters_of_proxies_and_of_streams) {
    counting_sink sink;
    board_changes changes;
    static_cast<void>(board_.subscribe({.cluster = "zzz"}, sink, start, changes));
    open(sink);
    const auto status = board_.status(start);
    ASSERT_EQ(status.clusters.size(), 3U);
    EXPECT_EQ(status.clusters[0].cluster, "app");
    EXPECT_EQ(status.clusters[0].streams, 1U);
    EXPECT_EQ(status.clusters[0].decision.answer, scaler_answer::idle);
    EXPECT_EQ(status.clusters[2].cluster, "zzz");
    EXPECT_EQ(status.clusters[2].decision.answer, scaler_answer::unknown);
    ASSERT_EQ(status.proxies.size(), 1U);
    EXPECT_EQ(status.proxies[0].lease_left, seconds(15));
}

TEST_F(demand_board_test, a_report_is_answered_by_how_its_clusters_stand) {
    const trigger_spec trigger{
        .cluster = "app", .activity_window = seconds(60), .cooldown_period = seconds(300)
    };
    board_.remember("prod/a", trigger, start);
    board_.remember("prod/b", trigger, start);
    auto app_demand = busy("app", 0);
    app_demand.last_activity_age = seconds(20);
    const auto outcome = board_.report(change("a", 2, {app_demand}), start);
    ASSERT_EQ(outcome.clusters.size(), 1U) << "those of the report";
    const auto& summary = outcome.clusters.front();
    EXPECT_EQ(summary.cluster, "app");
    EXPECT_EQ(summary.decision.answer, scaler_answer::active);
    EXPECT_EQ(summary.scaled_objects, 2U);
    EXPECT_EQ(summary.forecast.idle_in, seconds(40));
    EXPECT_EQ(summary.forecast.sleeps_in, seconds(340));
    EXPECT_EQ(outcome.proxies, 1U);
}

TEST_F(demand_board_test, no_end_of_demand_makes_a_cluster_sleep_that_is_in_doubt) {
    demand_board board(
        {.proxies = {.expected_proxies = 2, .settle_time = milliseconds(0)}, .pace = {}}, start
    );
    board.remember("prod/a", {.cluster = "app", .cooldown_period = seconds(300)}, start);
    auto app_demand = busy("app", 0);
    app_demand.last_activity_age = seconds(20);
    const auto outcome = board.report(snapshot("a", 1, {app_demand}), start);
    const auto& summary = outcome.clusters.front();
    EXPECT_EQ(summary.decision.answer, scaler_answer::active);
    EXPECT_EQ(summary.forecast.idle_in, std::nullopt);
    EXPECT_EQ(summary.forecast.sleeps_in, std::nullopt);
    EXPECT_EQ(summary.forecast.reason, "1 of 2 expected proxies hold a lease");
}

TEST_F(demand_board_test, the_cooldown_runs_from_the_last_poll_or_push_that_said_active) {
    const trigger_spec trigger{
        .cluster = "app", .activity_window = seconds(10), .cooldown_period = seconds(300)
    };
    board_.remember("prod/a", trigger, start);
    counting_sink sink;
    board_changes changes;
    static_cast<void>(board_.subscribe(trigger, sink, start, changes, "prod/a"));
    const auto sleeps_in = [&](time_point now) {
        return board_.status(now).clusters.front().forecast.sleeps_in;
    };
    report(change("a", 2, {busy("app", 1)}), at(seconds(1)));
    report(change("a", 3, {busy("app", 0)}), at(seconds(2)));
    EXPECT_EQ(sleeps_in(at(seconds(12))), seconds(289)) << "pushed at 1 s";
    report(change("a", 4, {busy("app", 0)}), at(seconds(14)));
    EXPECT_EQ(board_.poll("prod/a", trigger, at(seconds(14))).decision.answer, scaler_answer::idle);
    EXPECT_EQ(sleeps_in(at(seconds(14))), seconds(287)) << "an idle answer is none";
    report(change("a", 5, {busy("app", 1)}), at(seconds(20)));
    report(change("a", 6, {busy("app", 0)}), at(seconds(25)));
    EXPECT_EQ(
        board_.poll("prod/a", trigger, at(seconds(30))).decision.answer, scaler_answer::active
    );
    EXPECT_EQ(sleeps_in(at(seconds(38))), seconds(292)) << "polled at 30 s";
}

TEST_F(demand_board_test, status_says_who_asks) {
    board_.remember("prod/a", app, start);
    static_cast<void>(board_.poll("prod/a", app, start));
    counting_sink sink;
    board_changes changes;
    static_cast<void>(board_.subscribe(app, sink, start, changes, "prod/a"));
    const auto status = board_.status(start);
    const auto& objects = status.clusters.front().scaled_objects;
    ASSERT_EQ(objects.size(), 1U);
    EXPECT_EQ(objects[0].scaled_object, "prod/a");
    EXPECT_EQ(objects[0].last_poll, start);
    EXPECT_EQ(objects[0].last_active_answer, std::nullopt);
    EXPECT_EQ(objects[0].streams, 1U);
}

class demand_board_status_test : public demand_board_test {
protected:
    /// 14 s after the last activity; the board's own window is 60 s.
    [[nodiscard]] scaler_answer answer() {
        auto demand = quiet("app");
        demand.last_activity_age = milliseconds(0);
        report(change("a", 2, {demand}));
        return board_.status(at(seconds(14))).clusters.front().decision.answer;
    }

    static trigger_spec with_window(milliseconds window) {
        return {.cluster = "app", .activity_window = window};
    }
};

TEST_F(demand_board_status_test, goes_by_the_boards_own_window_when_nobody_asks) {
    board_.remember("prod/b", {.cluster = "other", .activity_window = seconds(1)}, start);
    EXPECT_EQ(answer(), scaler_answer::active);
}

TEST_F(demand_board_status_test, says_what_keda_is_told) {
    board_.remember("prod/a", with_window(seconds(10)), start);
    EXPECT_EQ(answer(), scaler_answer::idle);
}

TEST_F(demand_board_status_test, says_what_a_stream_is_told) {
    counting_sink sink;
    board_changes changes;
    static_cast<void>(board_.subscribe(with_window(seconds(10)), sink, start, changes));
    EXPECT_EQ(answer(), scaler_answer::idle);
}

TEST_F(demand_board_status_test, is_active_when_any_object_is_told_so) {
    board_.remember("prod/a", with_window(seconds(10)), start);
    board_.remember("prod/b", with_window(seconds(20)), start);
    board_.remember("prod/c", with_window(seconds(10)), start);
    EXPECT_EQ(answer(), scaler_answer::active);
}

} // namespace
} // namespace wakegate::scaler
