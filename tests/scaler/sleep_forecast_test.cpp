#include "scaler/state/sleep_forecast.hpp"
#include "tests/scaler/reports.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace wakegate::scaler {
namespace {

using namespace testing;
using ::testing::HasSubstr;

/// One cluster of one settled proxy; window 60 s, cooldown 300 s, polling 30 s.
class sleep_forecast_test : public ::testing::Test {
protected:
    void report(const cluster_demand& demand, time_point now) {
        static_cast<void>(proxies_.apply(snapshot("a", ++sequence_, {demand}), now));
    }

    /// Reports an awake cluster whose last activity was `age` ago.
    void report_activity(milliseconds age, time_point now) {
        auto demand = busy("app", 0);
        demand.last_activity_age = age;
        report(demand, now);
    }

    [[nodiscard]] sleep_forecast forecast(time_point now) const {
        const auto view = proxies_.view("app", now);
        return forecast_sleep(decide(proxies_, view, entry_.trigger, now), view, entry_, now);
    }

    aggregate proxies_{{.expected_proxies = 1, .expected_is_stated = true}, start};
    known_trigger entry_{
        .scaled_object = "prod/app",
        .trigger =
            {.cluster = "app",
             .activity_window = seconds(60),
             .cooldown_period = seconds(300),
             .polling_interval = seconds(30)}
    };
    std::uint64_t sequence_ = 0;
};

TEST_F(sleep_forecast_test, in_the_activity_window_is_what_is_left_of_it_and_the_cooldown) {
    report_activity(seconds(20), start);
    const auto result = forecast(start);
    EXPECT_EQ(result.idle_in, seconds(40));
    EXPECT_EQ(result.sleeps_in, seconds(340));
    EXPECT_EQ(result.polling_interval, seconds(30));
    EXPECT_EQ(result.reason, "");
}

TEST_F(sleep_forecast_test, of_an_idle_cluster_counts_from_the_last_active_answer) {
    report_activity(seconds(60), start);
    entry_.last_active_answer = start - seconds(10);
    EXPECT_EQ(forecast(start).idle_in, std::nullopt);
    EXPECT_EQ(forecast(start).sleeps_in, seconds(290));
    report_activity(seconds(160), at(seconds(100)));
    EXPECT_EQ(forecast(at(seconds(100))).sleeps_in, seconds(190));
}

TEST_F(sleep_forecast_test, goes_by_the_windows_end_where_another_replica_was_asked) {
    report_activity(seconds(100), start);
    EXPECT_EQ(forecast(start).sleeps_in, seconds(260));
}

TEST_F(sleep_forecast_test, is_never_in_the_past) {
    report_activity(seconds(1'000), start);
    EXPECT_EQ(forecast(start).sleeps_in, seconds(0)) << "at the next poll";
}

TEST_F(sleep_forecast_test, is_none_for_who_sleeps) {
    auto demand = quiet("app");
    demand.last_activity_age = seconds(1'000);
    report(demand, start);
    EXPECT_EQ(forecast(start).sleeps_in, std::nullopt);
    EXPECT_THAT(forecast(start).reason, HasSubstr("asleep"));
}

TEST_F(sleep_forecast_test, names_what_keeps_the_cluster_awake) {
    report(busy("app", 3), start);
    EXPECT_EQ(forecast(start).sleeps_in, std::nullopt);
    EXPECT_EQ(forecast(start).idle_in, std::nullopt);
    EXPECT_EQ(forecast(start).reason, "0 held, 3 busy");
    auto pool = busy("app", 0);
    pool.idle = 4;
    pool.idle_counts = true;
    report(pool, start);
    EXPECT_THAT(forecast(start).reason, HasSubstr("4 idle sessions"));
}

TEST_F(sleep_forecast_test, names_the_doubt) {
    const aggregate nobody({.expected_proxies = 1, .expected_is_stated = true}, start);
    const auto view = nobody.view("app", start);
    const auto result =
        forecast_sleep(decide(nobody, view, entry_.trigger, start), view, entry_, start);
    EXPECT_EQ(result.sleeps_in, std::nullopt);
    EXPECT_THAT(result.reason, HasSubstr("settling"));
}

TEST_F(sleep_forecast_test, needs_the_cooldown_and_some_activity) {
    report_activity(seconds(20), start);
    entry_.trigger.cooldown_period.reset();
    EXPECT_EQ(forecast(start).idle_in, seconds(40));
    EXPECT_THAT(forecast(start).reason, HasSubstr("no cooldownPeriod"));
}

TEST_F(sleep_forecast_test, does_not_know_what_was_before_the_start) {
    report(busy("app", 0), start);
    EXPECT_EQ(forecast(start).sleeps_in, std::nullopt);
    EXPECT_THAT(forecast(start).reason, HasSubstr("no activity since"));
}

TEST(sleep_forecast_earliest, is_idle_when_both_are_and_sleeps_when_the_first_may) {
    const sleep_forecast early{.idle_in = seconds(9), .sleeps_in = seconds(10), .reason = ""};
    const sleep_forecast late{.idle_in = seconds(20), .sleeps_in = seconds(30), .reason = ""};
    const sleep_forecast unknown{.idle_in = {}, .sleeps_in = {}, .reason = "no cooldownPeriod"};
    EXPECT_EQ(earliest_forecast(late, early).sleeps_in, seconds(10));
    EXPECT_EQ(earliest_forecast(early, late).sleeps_in, seconds(10));
    EXPECT_EQ(earliest_forecast(early, late).idle_in, seconds(20));
    EXPECT_EQ(earliest_forecast(unknown, late).sleeps_in, seconds(30));
    EXPECT_EQ(earliest_forecast(unknown, unknown).reason, "no cooldownPeriod");
}

} // namespace
} // namespace wakegate::scaler
