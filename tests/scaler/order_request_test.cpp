#include "scaler/state/order_request.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace wakegate::scaler {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using ::testing::HasSubstr;

manual_order order(order_kind kind, std::string cluster, milliseconds period) {
    return {.kind = kind, .cluster = std::move(cluster), .period = period};
}

struct good_request {
    std::string path;
    std::string query;
    manual_order expected;
};

TEST(order_request, names_a_cluster_and_what_to_do_with_it) {
    const std::vector<good_request> requests{
        {"/clusters/app/wake", "", order(order_kind::wake, "app", minutes(30))},
        {"/clusters/app/wake", "for=90s", order(order_kind::wake, "app", seconds(90))},
        {"/clusters/app/wake", "for=24h", order(order_kind::wake, "app", hours(24))},
        {"/clusters/app/keep-awake", "", order(order_kind::keep_awake, "app", hours(8))},
        {"/clusters/app/keep-awake", "for=168h", order(order_kind::keep_awake, "app", hours(168))},
        {"/clusters/app/sleep-now", "", order(order_kind::sleep_now, "app", milliseconds(0))},
        {"/clusters/a%2Fb%20c/wake", "for=1%73", order(order_kind::wake, "a/b c", seconds(1))},
        {"/clusters/" + std::string(256, 'x') + "/wake",
         "",
         order(order_kind::wake, std::string(256, 'x'), minutes(30))},
    };
    for (const auto& [path, query, expected] : requests) {
        const auto parsed = parse_order(path, query);
        ASSERT_TRUE(std::holds_alternative<manual_order>(parsed)) << path << '?' << query;
        EXPECT_EQ(std::get<manual_order>(parsed), expected) << path << '?' << query;
    }
}

struct bad_request {
    std::string path;
    std::string query;
    unsigned status;
    std::string message;
};

TEST(order_request, says_what_is_wrong_and_never_what_was_sent) {
    const std::vector<bad_request> requests{
        {"", "", 404, "no such order"},
        {"/clusters", "", 404, "no such order"},
        {"/clusters/", "", 404, "no such order"},
        {"/clusters/app", "", 404, "no such order"},
        {"/clusters/app/", "", 404, "no such order"},
        {"/clusters/app/wake/", "", 404, "no such order"},
        {"/clusters/app/Wake", "", 404, "no such order"},
        {"/clusters/a/b/wake", "", 404, "no such order"},
        {"/Clusters/app/wake", "", 404, "no such order"},
        {"/clusters//wake", "", 400, "1 to 256 bytes"},
        {"/clusters/" + std::string(257, 'x') + "/wake", "", 400, "1 to 256 bytes"},
        {"/clusters/a%0Ab/wake", "", 400, "no control characters"},
        {"/clusters/a%7fb/wake", "", 400, "no control characters"},
        {"/clusters/a%/wake", "", 400, "1 to 256 bytes"},
        {"/clusters/a%2/wake", "", 400, "1 to 256 bytes"},
        {"/clusters/a%zz/wake", "", 400, "1 to 256 bytes"},
        {"/clusters/a%-1/wake", "", 400, "1 to 256 bytes"},
        {"/clusters/app/wake", "for=", 400, "wake may last from 1s to 24h"},
        {"/clusters/app/wake", "for=30", 400, "like 30m"},
        {"/clusters/app/wake", "for=0s", 400, "from 1s"},
        {"/clusters/app/wake", "for=999ms", 400, "from 1s"},
        {"/clusters/app/wake", "for=25h", 400, "to 24h"},
        {"/clusters/app/wake", "for=99999999999999999999h", 400, "to 24h"},
        {"/clusters/app/keep-awake", "for=169h", 400, "to 168h"},
        {"/clusters/app/sleep-now", "for=1m", 400, "sleep-now takes no duration"},
        {"/clusters/app/wake", "until=1m", 400, "for=DURATION"},
        {"/clusters/app/wake", "for=1m&for=2m", 400, "once"},
        {"/clusters/app/wake", "for=%", 400, "for=DURATION"},
    };
    for (const auto& [path, query, status, message] : requests) {
        const auto parsed = parse_order(path, query);
        ASSERT_TRUE(std::holds_alternative<order_refusal>(parsed)) << path << '?' << query;
        const auto& error = std::get<order_refusal>(parsed);
        EXPECT_EQ(error.status, status) << path << '?' << query;
        EXPECT_THAT(error.text, HasSubstr(message)) << path << '?' << query;
    }
}

TEST(order_request, is_written_so_that_it_reads_back) {
    for (const auto& name :
         {std::string("app"), std::string("a/b?c%d e\xc3\xa9"), std::string(256, '/')}) {
        for (const auto& written :
             {order(order_kind::wake, name, seconds(90)),
              order(order_kind::keep_awake, name, hours(8)),
              order(order_kind::sleep_now, name, milliseconds(0))}) {
            const auto target = to_target(written);
            const auto mark = target.find('?');
            const auto query = mark == std::string::npos ? "" : target.substr(mark + 1);
            const auto parsed = parse_order(target.substr(0, mark), query);
            ASSERT_TRUE(std::holds_alternative<manual_order>(parsed)) << target;
            EXPECT_EQ(std::get<manual_order>(parsed), written) << target;
        }
    }
}

} // namespace
} // namespace wakegate::scaler
