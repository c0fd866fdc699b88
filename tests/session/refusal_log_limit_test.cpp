#include "proxy/session/refusal_log_limit.hpp"

#include <boost/asio/ip/address.hpp>

#include <gtest/gtest.h>

#include <string>

namespace wakegate::proxy {
namespace {

ip_address address(const std::string& text) {
    return boost::asio::ip::make_address(text);
}

struct refusal_log_limit_test : testing::Test {
    /// How many of `count` refusals are logged.
    unsigned lines_of(const std::string& from, unsigned count) {
        unsigned lines = 0;
        for (unsigned i = 0; i < count; ++i) {
            lines += subject.takes_line(address(from), now) ? 1 : 0;
        }
        return lines;
    }

    refusal_log_limit subject;
    time_point now{seconds(1'000'000)};
};

TEST_F(refusal_log_limit_test, are_one_for_each_of_a_few) {
    EXPECT_EQ(lines_of("10.0.0.1", 5), 5U);
    now += refusal_log_limit::period;
    EXPECT_EQ(subject.take_report(now), std::nullopt) << "nothing was left out";
}

TEST_F(refusal_log_limit_test, are_bounded_for_each_network_and_minute) {
    EXPECT_EQ(lines_of("10.0.0.1", 100), refusal_log_limit::lines_per_source);
    EXPECT_EQ(lines_of("10.0.0.77", 1), 0U) << "its neighbour";
    EXPECT_EQ(lines_of("10.0.1.1", 1), 1U) << "another network";
    now += refusal_log_limit::period - milliseconds(1);
    EXPECT_EQ(lines_of("10.0.0.1", 1), 0U);
    now += milliseconds(1);
    EXPECT_EQ(lines_of("10.0.0.1", 1), 1U);
}

TEST_F(refusal_log_limit_test, that_were_left_out_are_told_once_the_minute_is_over) {
    lines_of("10.0.0.1", 12);
    lines_of("::ffff:192.168.7.9", 15);
    EXPECT_EQ(subject.take_report(now), std::nullopt);
    now += refusal_log_limit::period;
    const unlogged_login_failures expected{
        .count = 7, .sources = 2, .busiest = "192.168.7.0/24", .busiest_count = 5
    };
    EXPECT_EQ(subject.take_report(now), expected);
    EXPECT_EQ(subject.take_report(now), std::nullopt) << "once";
}

TEST_F(refusal_log_limit_test, that_nobody_took_in_time_are_told_later) {
    lines_of("10.0.0.1", 12);
    now += 2 * refusal_log_limit::period;
    lines_of("2001:db8:0:1::1", 13);
    now += 2 * refusal_log_limit::period;
    const auto report = subject.take_report(now);
    ASSERT_TRUE(report);
    EXPECT_EQ(report->count, 5U);
    EXPECT_EQ(report->busiest, "2001:db8:0:1::/64");
}

TEST_F(refusal_log_limit_test, are_bounded_for_all_networks_together) {
    unsigned lines = 0;
    for (unsigned i = 0; i < 5'000; ++i) {
        lines +=
            lines_of("10." + std::to_string(i / 250) + "." + std::to_string(i % 250) + ".1", 1);
    }
    EXPECT_EQ(lines, refusal_log_limit::most_lines);
    now += refusal_log_limit::period;
    const auto report = subject.take_report(now);
    ASSERT_TRUE(report);
    EXPECT_EQ(report->count, 5'000U - refusal_log_limit::most_lines);
    EXPECT_LE(report->sources, refusal_log_limit::most_sources);
}

} // namespace
} // namespace wakegate::proxy
