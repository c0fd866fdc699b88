#include "scaler/state/demand_board.hpp"
#include "scaler/state/order_answer.hpp"
#include "tests/scaler/reports.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace wakegate::scaler {
namespace {

using namespace testing;
using std::chrono::hours;
using std::chrono::minutes;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::StartsWith;

struct counting_sink final : activation_sink {
    void activate() noexcept override { ++count; }

    int count = 0;
};

const trigger_spec app{.cluster = "app", .activity_window = seconds(60)};

manual_order wake(milliseconds period = minutes(30), std::string cluster = "app") {
    return {.kind = order_kind::wake, .cluster = std::move(cluster), .period = period};
}

manual_order keep_awake(milliseconds period = hours(8)) {
    return {.kind = order_kind::keep_awake, .cluster = "app", .period = period};
}

manual_order sleep_now() {
    return {.kind = order_kind::sleep_now, .cluster = "app"};
}

cluster_demand awake(std::string cluster) {
    auto demand = quiet(std::move(cluster));
    demand.state = gate_state::ready;
    return demand;
}

cluster_demand seen_by_nobody(std::string cluster) {
    auto demand = quiet(std::move(cluster));
    demand.state = gate_state::unknown;
    return demand;
}

class demand_board_orders : public ::testing::Test {
protected:
    demand_board_orders() { tell(quiet("app")); }

    /// Proxy "a" reports its cluster; its lease holds for 15 s from then.
    void tell(const cluster_demand& demand, time_point now = start) {
        static_cast<void>(board_.report(snapshot("a", ++sequence_, {demand}), now));
    }

    activity_decision answer(time_point now = start) { return board_.evaluate(app, now).decision; }

    std::string give(const manual_order& order, time_point now = start) {
        return describe_taken(order, board_.apply(order, now));
    }

    std::uint64_t sequence_ = 0;
    demand_board board_{
        board_settings{.proxies = {.expected_proxies = 1, .expected_is_stated = true}, .pace = {}},
        start
    };
};

TEST_F(demand_board_orders, to_wake_are_demand_for_as_long_as_they_hold) {
    EXPECT_EQ(answer().answer, scaler_answer::idle);
    give(wake(seconds(10)));
    EXPECT_EQ(answer(at(milliseconds(9'999))).answer, scaler_answer::active);
    EXPECT_EQ(answer(at(seconds(1))).reason, "woken by hand, for another 9s");
    EXPECT_EQ(board_.evaluate(app, start).metric, 1U);
    EXPECT_EQ(answer(at(seconds(10))).answer, scaler_answer::idle);
}

TEST_F(demand_board_orders, to_wake_are_pushed_at_once_to_each_stream_of_the_cluster) {
    counting_sink sink;
    counting_sink other;
    board_changes changes;
    static_cast<void>(board_.subscribe(app, sink, start, changes));
    static_cast<void>(board_.subscribe({.cluster = "other"}, other, start, changes));
    EXPECT_THAT(board_.apply(wake(), start).changes.pushed, ElementsAre("app"));
    EXPECT_EQ(sink.count, 1);
    EXPECT_EQ(other.count, 0);
    EXPECT_THAT(board_.tick(at(seconds(20))).pushed, IsEmpty()) << "no flood";
}

TEST_F(demand_board_orders, to_wake_are_pushed_though_there_was_demand_before) {
    counting_sink sink;
    board_changes changes;
    static_cast<void>(board_.subscribe(app, sink, start, changes));
    tell(busy("app", 1));
    EXPECT_EQ(sink.count, 1);
    EXPECT_THAT(board_.apply(wake(), start).changes.pushed, ElementsAre("app"));
    EXPECT_EQ(sink.count, 2);
}

TEST_F(demand_board_orders, to_wake_reach_a_stream_that_opens_later) {
    give(wake());
    counting_sink sink;
    board_changes changes;
    static_cast<void>(board_.subscribe(app, sink, at(seconds(1)), changes));
    EXPECT_EQ(sink.count, 1);
}

TEST_F(demand_board_orders, to_keep_it_awake_wake_nothing) {
    counting_sink sink;
    board_changes changes;
    static_cast<void>(board_.subscribe(app, sink, start, changes));
    EXPECT_THAT(give(keep_awake()), HasSubstr("it sleeps, and this does not wake it"));
    EXPECT_EQ(answer().answer, scaler_answer::idle);
    EXPECT_EQ(sink.count, 0);
}

TEST_F(demand_board_orders, to_keep_it_awake_do_so_where_a_proxy_sees_it_awake) {
    counting_sink sink;
    board_changes changes;
    static_cast<void>(board_.subscribe(app, sink, start, changes));
    tell(awake("app"));
    EXPECT_EQ(answer().answer, scaler_answer::idle);
    EXPECT_EQ(
        give(keep_awake(minutes(12))), "app: while it is awake it is kept so, for 12m; it is awake"
    );
    EXPECT_EQ(answer().answer, scaler_answer::active);
    EXPECT_EQ(answer(at(seconds(1))).reason, "kept awake by hand for another 12m");
    EXPECT_EQ(sink.count, 0) << "a push could wake what has just been stopped";
}

TEST_F(demand_board_orders, to_keep_it_awake_leave_it_as_it_is_where_nobody_sees_it) {
    tell(seen_by_nobody("app"));
    EXPECT_THAT(give(keep_awake()), HasSubstr("no proxy knows if it is awake"));
    EXPECT_EQ(answer().answer, scaler_answer::unknown);
    EXPECT_THAT(answer().reason, HasSubstr("kept awake by hand for another 8h, and no proxy"));
}

TEST_F(demand_board_orders, show_beside_the_clients_that_there_are) {
    give(wake(minutes(30)));
    give(keep_awake(hours(8)));
    tell(busy("app", 1));
    EXPECT_EQ(
        board_.status(start).clusters.front().decision.reason,
        "0 held, 1 busy; woken by hand, for another 30m; kept awake by hand for another 8h"
    );
}

TEST_F(demand_board_orders, to_sleep_end_those_to_wake_and_to_keep_awake) {
    tell(awake("app"));
    give(wake());
    give(keep_awake());
    EXPECT_THAT(give(sleep_now()), StartsWith("app: wake ended; keep-awake ended; idle from now"));
    EXPECT_EQ(answer().answer, scaler_answer::idle);
}

TEST_F(demand_board_orders, to_sleep_make_activity_until_then_count_no_longer) {
    tell(busy("app", 1));
    tell(awake("app"), at(seconds(1)));
    EXPECT_EQ(answer(at(seconds(2))).answer, scaler_answer::active);
    give(sleep_now(), at(seconds(2)));
    EXPECT_EQ(answer(at(seconds(3))).answer, scaler_answer::idle);
    EXPECT_EQ(answer(at(seconds(3))).reason, "told to sleep by hand 1s ago, no activity since");
}

TEST_F(demand_board_orders, to_sleep_let_later_activity_count_and_push) {
    counting_sink sink;
    board_changes changes;
    static_cast<void>(board_.subscribe(app, sink, start, changes));
    tell(busy("app", 1));
    tell(awake("app"), at(seconds(1)));
    give(sleep_now(), at(seconds(2)));
    tell(busy("app", 1), at(seconds(3)));
    EXPECT_EQ(answer(at(seconds(3))).answer, scaler_answer::active);
    EXPECT_EQ(sink.count, 2) << "an edge again";
    tell(awake("app"), at(seconds(4)));
    EXPECT_EQ(answer(at(seconds(5))).answer, scaler_answer::active) << "in the window again";
}

struct demand_case {
    std::string name;
    cluster_demand demand;
    std::string reason;
};

class demand_board_orders_to_sleep : public demand_board_orders,
                                     public ::testing::WithParamInterface<demand_case> {};

cluster_demand counted_idle() {
    auto demand = awake("app");
    demand.idle = 4;
    demand.idle_counts = true;
    return demand;
}

TEST_P(demand_board_orders_to_sleep, never_make_it_idle_while) {
    tell(GetParam().demand);
    give(keep_awake());
    EXPECT_EQ(give(sleep_now()), "app: keep-awake ended; it stays awake: " + GetParam().reason);
    EXPECT_EQ(answer().answer, scaler_answer::active);
}

INSTANTIATE_TEST_SUITE_P(
    demand_board_orders,
    demand_board_orders_to_sleep,
    ::testing::Values(
        demand_case{"held", held("app", 1), "1 held, 0 busy"},
        demand_case{"busy", busy("app", 2), "0 held, 2 busy"},
        demand_case{"counted_idle", counted_idle(), "4 idle sessions that count"}
    ),
    [](const auto& instance) { return instance.param.name; }
);

TEST_F(demand_board_orders, to_sleep_never_make_idle_what_is_unknown) {
    demand_board board(
        {.proxies = {.expected_proxies = 2, .expected_is_stated = true}, .pace = {}}, start
    );
    static_cast<void>(board.report(snapshot("a", 1, {awake("app")}), start));
    const auto outcome = board.apply(sleep_now(), start);
    EXPECT_EQ(board.evaluate(app, start).decision.answer, scaler_answer::unknown);
    EXPECT_THAT(
        describe_taken(sleep_now(), outcome),
        StartsWith("app: KEDA leaves it as it is until more is known: ")
    );
}

TEST_F(demand_board_orders, to_sleep_are_not_called_a_lack_of_activity) {
    board_.remember("prod/app", {.cluster = "app", .cooldown_period = seconds(300)}, start);
    tell(busy("app", 1));
    tell(awake("app"));
    give(sleep_now(), at(seconds(2)));
    const auto status = board_.status(at(seconds(5)));
    EXPECT_THAT(status.clusters.front().forecast.reason, StartsWith("told to sleep by hand 3s"));
}

TEST_F(demand_board_orders, to_keep_awake_do_not_prolong_the_demand_for_what_sleeps) {
    tell(busy("app", 1));
    tell(quiet("app"), at(seconds(1)));
    give(keep_awake(), at(seconds(1)));
    EXPECT_EQ(answer(at(seconds(2))).ends, at(seconds(61)));
    tell(awake("app"), at(seconds(2)));
    EXPECT_EQ(answer(at(seconds(2))).ends, at(seconds(1)) + hours(8));
}

TEST_F(demand_board_orders, that_end_are_told_once) {
    give(wake(seconds(10)));
    EXPECT_THAT(board_.tick(at(seconds(9))).orders, IsEmpty());
    EXPECT_THAT(board_.tick(at(seconds(10))).orders, SizeIs(1));
    EXPECT_THAT(board_.tick(at(seconds(11))).orders, IsEmpty());
}

TEST_F(demand_board_orders, say_who_hears_of_a_wake) {
    EXPECT_EQ(
        give(wake()),
        "app: woken by hand for 30m; nobody has asked this replica about it in the last 10m, so "
        "nobody starts it here"
    );
    board_.remember("prod/app", app, start);
    EXPECT_EQ(
        give(wake()),
        "app: woken by hand for 30m; 1 ScaledObject asks about it, 0 streams open: told at the "
        "next "
        "poll"
    );
    counting_sink sink;
    board_changes changes;
    static_cast<void>(board_.subscribe(app, sink, start, changes, "prod/app"));
    board_.remember("prod/report", app, start);
    EXPECT_EQ(
        give(wake(hours(2))),
        "app: woken by hand for 2h; 2 ScaledObjects ask about it, 1 stream open: pushed"
    );
}

TEST_F(demand_board_orders, are_taken_for_what_a_trigger_alone_names) {
    board_.remember("prod/ap", {.cluster = "ap"}, start);
    EXPECT_TRUE(board_.apply(wake(minutes(1), "ap"), start).status);
    EXPECT_EQ(board_.evaluate({.cluster = "ap"}, start).decision.answer, scaler_answer::active);
}

TEST_F(demand_board_orders, are_refused_for_what_nobody_names) {
    static_cast<void>(
        board_.report(change("a", ++sequence_, {quiet("billing"), quiet("reports")}), start)
    );
    const auto order = wake(minutes(1), "reprots");
    const auto outcome = board_.apply(order, start);
    EXPECT_FALSE(outcome.status);
    EXPECT_EQ(
        describe_unknown(order, outcome),
        "nobody asks about 'reprots'; clusters here: reports, app, billing"
    );
    EXPECT_EQ(
        board_.evaluate({.cluster = "reprots"}, start).decision.answer, scaler_answer::unknown
    );
}

} // namespace
} // namespace wakegate::scaler
