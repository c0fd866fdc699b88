#include "scaler/metrics.hpp"
#include "scaler/status_page.hpp"
#include "tests/scaler/reports.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace wakegate::scaler {
namespace {

using namespace testing;
using ::testing::HasSubstr;
using ::testing::Not;

board_status a_status() {
    demand_board board(
        {.proxies = {.expected_proxies = 1, .expected_is_stated = true}, .pace = {}}, start
    );
    auto demand = held("app", 2);
    demand.idle = 5;
    static_cast<void>(board.report(snapshot("a", 3, {demand, quiet("sl\"eepy")}), start));
    return board.status(at(seconds(1)));
}

board_status an_unknown_status() {
    demand_board board({}, start);
    static_cast<void>(board.report(snapshot("a", 1, {quiet("app")}), start));
    return board.status(at(seconds(20)));
}

TEST(metrics_page, shows_counts_answers_and_proxies) {
    metrics counters;
    counters.count_push("app");
    counters.count_push("app");
    counters.count_answer("IsActive", "active");
    const auto page = counters.page(a_status(), 9);
    for (const auto* line : {
             "wakegate_scaler_held{cluster=\"app\"} 2",
             "wakegate_scaler_busy{cluster=\"app\"} 0",
             "wakegate_scaler_idle{cluster=\"app\"} 5",
             "wakegate_scaler_active{cluster=\"app\"} 1",
             "wakegate_scaler_active{cluster=\"sl\\\"eepy\"} 0",
             "wakegate_scaler_streams{cluster=\"app\"} 0",
             "wakegate_scaler_proxies{state=\"leased\"} 1",
             "wakegate_scaler_proxies{state=\"lapsed\"} 0",
             "wakegate_scaler_pushes_total{cluster=\"app\"} 2",
             "wakegate_scaler_log_lines_dropped_total 9",
         }) {
        EXPECT_THAT(page, HasSubstr(line));
    }
    EXPECT_THAT(
        page, HasSubstr("wakegate_scaler_answers_total{answer=\"active\",rpc=\"IsActive\"} 1")
    );
}

TEST(metrics_page, has_no_active_where_it_is_unknown) {
    const auto page = metrics().page(an_unknown_status(), 0);
    EXPECT_THAT(page, Not(HasSubstr("wakegate_scaler_active{")));
    EXPECT_THAT(page, HasSubstr("wakegate_scaler_proxies{state=\"lapsed\"} 1"));
}

TEST(status_page, says_what_is_believed_and_why) {
    const auto page = boost::json::parse(status_page(a_status(), at(seconds(1))));
    const auto& app = page.at("clusters").at(0);
    EXPECT_EQ(app.at("cluster").as_string(), "app");
    EXPECT_EQ(app.at("state").as_string(), "waking");
    EXPECT_EQ(app.at("held").to_number<int>(), 2);
    EXPECT_EQ(app.at("answer").as_string(), "active");
    EXPECT_EQ(app.at("reason").as_string(), "2 held, 0 busy");
    EXPECT_EQ(app.at("last_activity_age_ms").to_number<int>(), 1'000);
    EXPECT_TRUE(page.at("clusters").at(1).at("last_activity_age_ms").is_null());
    const auto& proxy = page.at("proxies").at(0);
    EXPECT_EQ(proxy.at("proxy").as_string(), "a");
    EXPECT_EQ(proxy.at("lease_left_ms").to_number<int>(), 14'000);
}

} // namespace
} // namespace wakegate::scaler
