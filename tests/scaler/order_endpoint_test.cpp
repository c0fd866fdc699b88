#include "scaler/admin_token.hpp"
#include "scaler/order_endpoint.hpp"
#include "tests/scaler/reports.hpp"
#include "tests/support/captured_log.hpp"
#include "tests/support/temporary_folder.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <variant>

namespace wakegate::scaler {
namespace {

using namespace testing;
using support::captured_log;
using support::temporary_folder;
using ::testing::HasSubstr;
using ::testing::Not;

const std::string good = "0123456789abcdef0123456789abcdef";

class order_endpoint_test : public ::testing::Test {
protected:
    order_endpoint_test() {
        static_cast<void>(board_.report(snapshot("a", 1, {quiet("app")}), start));
    }

    admin_response post(
        const std::string& token,
        const std::string& path = "/clusters/app/wake",
        time_point now = start
    ) {
        return endpoint_.answer(
            {.path = path, .query = "", .bearer = token, .peer = "192.0.2.7:4711"}, now
        );
    }

    bool is_awake() {
        return board_.evaluate({.cluster = "app"}, start).decision.answer == scaler_answer::active;
    }

    std::string metrics_page() { return counters_.page(board_.status(start), 0); }

    temporary_folder folder_;
    metrics counters_;
    event_log event_log_{counters_};
    demand_board board_{
        board_settings{.proxies = {.expected_proxies = 1, .expected_is_stated = true}, .pace = {}},
        start
    };
    order_endpoint endpoint_{board_, event_log_, folder_.write("token", good + "\n")};
};

TEST_F(order_endpoint_test, takes_an_order_from_whoever_shows_the_token) {
    captured_log log;
    const auto answer = post(good);
    const auto logged = log.take();
    EXPECT_EQ(answer.status, 200U);
    EXPECT_THAT(answer.body, ::testing::StartsWith("app: woken by hand for 30m; "));
    EXPECT_TRUE(is_awake());
    EXPECT_THAT(
        logged, HasSubstr("order_taken cluster=app order=wake for=30m peer=192.0.2.7:4711")
    );
    EXPECT_THAT(metrics_page(), HasSubstr("wakegate_scaler_orders_total{answer=\"taken\"} 1"));
}

TEST_F(order_endpoint_test, refuses_whoever_shows_none_or_another_one) {
    for (const auto& token : {std::string(), good + "0", good.substr(1), std::string(32, 'x')}) {
        const auto answer = post(token);
        EXPECT_EQ(answer.status, 401U) << token;
        EXPECT_THAT(answer.body, Not(HasSubstr(good)));
    }
    EXPECT_FALSE(is_awake());
    EXPECT_THAT(
        metrics_page(), HasSubstr("wakegate_scaler_orders_total{answer=\"unauthorized\"} 4")
    );
}

TEST_F(order_endpoint_test, tells_nothing_of_clusters_before_it_has_seen_the_token) {
    EXPECT_EQ(post("wrong", "/clusters/nowhere/wake").body, post("wrong").body);
    EXPECT_EQ(post("wrong", "/clusters/nonsense").status, 401U);
}

TEST_F(order_endpoint_test, logs_wrong_tokens_once_a_minute_with_their_peer_and_number) {
    captured_log log;
    for (int i = 0; i < 5; ++i) {
        static_cast<void>(post("wrong", "/clusters/app/wake", at(seconds(i))));
    }
    static_cast<void>(post("wrong", "/clusters/app/wake", at(seconds(60))));
    const auto logged = log.take();
    EXPECT_THAT(logged, HasSubstr("order_unauthorized peer=192.0.2.7:4711"));
    EXPECT_THAT(logged, HasSubstr("times=1\n"));
    EXPECT_THAT(logged, HasSubstr("times=5\n"));
    EXPECT_EQ(logged.find("order_unauthorized", logged.find("times=5")), std::string::npos);
}

TEST_F(order_endpoint_test, goes_by_a_replaced_token_from_the_next_request_on) {
    const std::string next(64, 'n');
    folder_.write("token", next);
    EXPECT_EQ(post(good).status, 401U);
    EXPECT_EQ(post(next).status, 200U);
}

TEST_F(order_endpoint_test, says_what_is_wrong_with_a_token_file_that_has_gone) {
    std::filesystem::remove(folder_.file("token"));
    const auto answer = post(good);
    EXPECT_EQ(answer.status, 503U);
    EXPECT_THAT(
        answer.body, HasSubstr("admin.token_file: '" + folder_.file("token") + "' is missing")
    );
    EXPECT_FALSE(is_awake());
}

TEST_F(order_endpoint_test, refuses_everybody_without_a_token_file) {
    order_endpoint closed(board_, event_log_, "");
    for (const auto& token : {std::string(), good}) {
        const auto answer = closed.answer(
            {.path = "/clusters/app/wake", .query = "", .bearer = token, .peer = "p"}, start
        );
        EXPECT_EQ(answer.status, 403U);
        EXPECT_THAT(answer.body, HasSubstr("set admin.token_file"));
    }
    EXPECT_FALSE(is_awake());
}

TEST_F(order_endpoint_test, says_which_clusters_there_are_to_whoever_names_none_of_them) {
    const auto answer = post(good, "/clusters/ap/wake");
    EXPECT_EQ(answer.status, 404U);
    EXPECT_EQ(answer.body, "nobody asks about 'ap'; clusters here: app\n");
    EXPECT_EQ(post(good, "/clusters/app/jump").status, 404U);
    EXPECT_EQ(post(good, "/clusters//wake").status, 400U);
}

TEST_F(order_endpoint_test, answers_in_one_line_that_commands_no_terminal) {
    board_.remember("prod/x", {.cluster = "e\x1b[31mvil\nx"}, start);
    EXPECT_EQ(
        post(good, "/clusters/%9B2J/wake").body,
        "nobody asks about '\xEF\xBF\xBD"
        "2J'; clusters here: app, e?[31mvil?x\n"
    );
    const std::string proxy = "p\x1b]0;x\x07";
    static_cast<void>(board_.report(change(proxy, 1, {}), start));
    EXPECT_THAT(post(good, "/clusters/app/sleep-now").body, HasSubstr("proxy p?]0;x? has not"));
}

TEST_F(order_endpoint_test, logs_the_end_of_an_order) {
    static_cast<void>(post(good));
    captured_log log;
    event_log_.record(board_.tick(at(seconds(1'800))));
    EXPECT_THAT(log.take(), HasSubstr("order_ended cluster=app order=wake reason=expired"));
}

} // namespace
} // namespace wakegate::scaler
