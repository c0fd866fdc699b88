#include "scaler/metrics.hpp"
#include "scaler/status_json.hpp"
#include "scaler/status_text.hpp"
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
    auto full_report = snapshot("a", 3, {demand, quiet("sl\"eepy")});
    full_report.proxy_name = "gate-1";
    static_cast<void>(board.report(full_report, start));
    return board.status(at(seconds(1)));
}

board_status an_unknown_status() {
    demand_board board({}, start);
    static_cast<void>(board.report(snapshot("a", 1, {quiet("app")}), start));
    return board.status(at(seconds(20)));
}

TEST(pages_metrics_page, shows_counts_answers_and_proxies) {
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
             "wakegate_scaler_unheard_demand{cluster=\"app\"} 0",
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

TEST(pages_metrics_page, has_no_active_where_it_is_unknown) {
    const auto page = metrics().page(an_unknown_status(), 0);
    EXPECT_THAT(page, Not(HasSubstr("wakegate_scaler_active{")));
    EXPECT_THAT(page, HasSubstr("wakegate_scaler_proxies{state=\"lapsed\"} 1"));
}

TEST(pages_status_json, says_what_is_believed_and_why) {
    const auto page = boost::json::parse(status_json(a_status(), at(seconds(1))));
    const auto& app = page.at("clusters").at(0);
    EXPECT_EQ(app.at("cluster").as_string(), "app");
    EXPECT_EQ(app.at("state").as_string(), "waking");
    EXPECT_EQ(app.at("held").to_number<int>(), 2);
    EXPECT_EQ(app.at("answer").as_string(), "active");
    EXPECT_EQ(app.at("reason").as_string(), "2 held, 0 busy");
    EXPECT_EQ(app.at("last_activity_age_ms").to_number<int>(), 1'000);
    EXPECT_TRUE(page.at("clusters").at(1).at("last_activity_age_ms").is_null());
    EXPECT_TRUE(app.at("sleeps_in_ms").is_null());
    EXPECT_EQ(app.at("sleeps_not_known_because").as_string(), "no ScaledObject asks about it");
    EXPECT_TRUE(page.at("warnings").as_array().empty());
    const auto& proxy = page.at("proxies").at(0);
    EXPECT_EQ(proxy.at("proxy").as_string(), "a");
    EXPECT_EQ(proxy.at("name").as_string(), "gate-1");
    EXPECT_EQ(proxy.at("lease_left_ms").to_number<int>(), 14'000);
}

TEST(pages_status_text, says_who_asks_and_when_it_may_be_stopped) {
    demand_board board(
        {.proxies = {.expected_proxies = 1, .expected_is_stated = true}, .pace = {}}, start
    );
    auto full_report = snapshot("4711", 1, {busy("app", 0), quiet("billing")});
    full_report.proxy_name = "gate-1";
    full_report.clusters.front().last_activity_age = seconds(20);
    static_cast<void>(board.report(full_report, start));
    const trigger_spec trigger{
        .cluster = "app",
        .activity_window = seconds(60),
        .cooldown_period = seconds(300),
        .polling_interval = seconds(30)
    };
    board.remember("prod/app", trigger, start);
    static_cast<void>(board.poll("prod/app", trigger, start));
    EXPECT_EQ(
        status_text(board.status(at(seconds(2))), at(seconds(2))),
        "CLUSTER  STATE   HELD  BUSY  IDLE  ACTIVITY  ANSWER  BECAUSE\n"
        "app      ready      0     0     0   22s ago  active  last activity 22s ago, within "
        "activityWindow 1m\n"
        "billing  asleep     0     0     0     never  idle    no activity since this replica's "
        "start\n"
        "\n"
        "CLUSTER  ASKED BY  LAST POLL  TOLD ACTIVE  STREAMS  MAY BE STOPPED\n"
        "app      prod/app     2s ago       2s ago        0  in 338s or a poll (30s) later unless "
        "a "
        "client comes or works\n"
        "billing  nobody                                  0  not known: no ScaledObject asks about "
        "it\n"
        "\n"
        "PROXY   ID    LEASE     SNAPSHOT\n"
        "gate-1  4711  13s left  yes\n"
    );
}

TEST(pages_status_text, says_first_what_is_wrong) {
    const auto page = status_text(an_unknown_status(), at(seconds(20)));
    EXPECT_TRUE(page.starts_with("WARNING: databases never sleep until 1 proxy reports, 0 do\n\n"))
        << page;
    EXPECT_THAT(page, HasSubstr("(no name)  a   lapsed 5s ago  yes\n"));
    EXPECT_THAT(status_text({}, start), HasSubstr("No proxy has named a cluster yet"));
}

} // namespace
} // namespace wakegate::scaler
