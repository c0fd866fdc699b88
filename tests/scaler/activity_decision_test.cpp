#include "scaler/state/activity_decision.hpp"
#include "tests/scaler/reports.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace wakegate::scaler {
namespace {

using namespace testing;
using ::testing::HasSubstr;

const trigger_spec app{.cluster = "app", .activity_window = seconds(60)};

cluster_demand with_age(milliseconds age) {
    auto demand = quiet("app");
    demand.last_activity_age = age;
    return demand;
}

cluster_demand idle(std::uint32_t count, bool counts) {
    auto demand = quiet("app");
    demand.idle = count;
    demand.idle_counts = counts;
    return demand;
}

cluster_demand waking_for_nobody() {
    auto demand = quiet("app");
    demand.state = gate_state::waking;
    return demand;
}

struct demand_case {
    std::string name;
    cluster_demand demand;
    scaler_answer expected;
    std::string reason;
};

class activity_decision_test : public ::testing::TestWithParam<demand_case> {};

TEST_P(activity_decision_test, of_a_settled_replica) {
    const auto& [name, demand, expected, reason] = GetParam();
    aggregate proxies({.expected_proxies = 1, .expected_is_stated = true}, start);
    static_cast<void>(proxies.apply(snapshot("a", 1, {demand}), start));
    const auto decided = decide(proxies, app, start);
    EXPECT_EQ(decided.answer, expected) << decided.reason;
    EXPECT_THAT(decided.reason, HasSubstr(reason));
}

TEST_P(activity_decision_test, of_one_that_misses_a_proxy) {
    const auto& [name, demand, expected, reason] = GetParam();
    aggregate proxies({.expected_proxies = 2, .expected_is_stated = true}, start);
    static_cast<void>(proxies.apply(snapshot("a", 1, {demand}), start));
    const auto decided = decide(proxies, app, start);
    EXPECT_EQ(
        decided.answer,
        expected == scaler_answer::active ? scaler_answer::active : scaler_answer::unknown
    );
}

INSTANTIATE_TEST_SUITE_P(
    activity_decision,
    activity_decision_test,
    ::testing::Values(
        demand_case{"held", held("app", 2), scaler_answer::active, "2 held, 0 busy"},
        demand_case{"busy", busy("app", 3), scaler_answer::active, "0 held, 3 busy"},
        demand_case{"waking", waking_for_nobody(), scaler_answer::active, "waking it"},
        demand_case{"counted_idle", idle(4, true), scaler_answer::active, "4 idle sessions"},
        demand_case{"other_idle", idle(4, false), scaler_answer::idle, "no activity"},
        demand_case{
            "in_window", with_age(milliseconds(59'999)), scaler_answer::active, "59s ago, within"
        },
        demand_case{"window_over", with_age(seconds(60)), scaler_answer::idle, "1m ago, beyond"},
        demand_case{"never_active", quiet("app"), scaler_answer::idle, "no activity"}
    ),
    [](const auto& instance) { return instance.param.name; }
);

TEST(activity_decision, a_window_is_the_triggers_own) {
    aggregate proxies({.expected_proxies = 1, .expected_is_stated = true}, start);
    static_cast<void>(proxies.apply(snapshot("a", 1, {with_age(seconds(30))}), start));
    const trigger_spec narrow{.cluster = "app", .activity_window = seconds(10)};
    EXPECT_EQ(decide(proxies, app, start).answer, scaler_answer::active);
    EXPECT_EQ(decide(proxies, narrow, start).answer, scaler_answer::idle);
}

TEST(activity_decision, a_misspelt_cluster_is_unknown_for_ever) {
    aggregate proxies({.expected_proxies = 1, .expected_is_stated = true}, start);
    static_cast<void>(proxies.apply(snapshot("a", 1, {quiet("app")}), start));
    EXPECT_EQ(decide(proxies, {.cluster = "apq"}, start).answer, scaler_answer::unknown);
}

TEST(activity_decision, activity_outlives_its_proxy_in_the_window_only) {
    aggregate proxies({.expected_proxies = 1, .expected_is_stated = true}, start);
    static_cast<void>(proxies.apply(snapshot("a", 1, {busy("app", 1)}), start));
    static_cast<void>(proxies.apply(snapshot("b", 1, {quiet("app")}), start));
    static_cast<void>(proxies.apply(last_report("a", 2), start));
    for (std::uint64_t i = 2; i <= 7; ++i) {
        static_cast<void>(proxies.apply(change("b", i, {}), at(seconds(10 * (i - 1)))));
    }
    EXPECT_EQ(decide(proxies, app, at(seconds(59))).answer, scaler_answer::active);
    EXPECT_EQ(decide(proxies, app, at(seconds(60))).answer, scaler_answer::idle);
}

TEST(activity_decision, the_metric_counts_who_waits_and_works_or_everybody) {
    cluster_view view;
    view.held = 1;
    view.busy = 2;
    view.idle = 40;
    EXPECT_EQ(metric_value(view, trigger_metric::held_and_busy), 3U);
    EXPECT_EQ(metric_value(view, trigger_metric::sessions), 43U);
}

} // namespace
} // namespace wakegate::scaler
