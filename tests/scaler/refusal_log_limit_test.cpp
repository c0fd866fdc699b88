#include "scaler/state/refusal_log_limit.hpp"
#include "tests/scaler/reports.hpp"

#include <gtest/gtest.h>

namespace wakegate::scaler {
namespace {

using namespace testing;

TEST(refusal_log_limit, are_logged_once_and_then_each_minute_with_their_number) {
    refusal_log_limit refusals;
    EXPECT_EQ(refusals.count("app", "no proxy", at(seconds(0))), 1U);
    EXPECT_EQ(refusals.count("app", "no proxy", at(seconds(30))), std::nullopt);
    EXPECT_EQ(refusals.count("app", "no proxy", at(milliseconds(59'999))), std::nullopt);
    EXPECT_EQ(refusals.count("app", "no proxy", at(seconds(60))), 3U);
    EXPECT_EQ(refusals.count("app", "no proxy", at(seconds(61))), std::nullopt);
    EXPECT_EQ(refusals.count("app", "no proxy", at(seconds(120))), 2U);
}

TEST(refusal_log_limit, are_the_same_whatever_their_numbers_say) {
    refusal_log_limit refusals;
    EXPECT_EQ(refusals.count("app", "silent for 59s (grace 1m)", start), 1U);
    EXPECT_EQ(refusals.count("app", "silent for 1m (grace 90s)", start), std::nullopt);
    EXPECT_EQ(refusals.count("app", "gone for 1m (grace 90s)", start), 1U);
}

TEST(refusal_log_limit, are_told_apart_by_cluster) {
    refusal_log_limit refusals;
    EXPECT_EQ(refusals.count("app", "no proxy", start), 1U);
    EXPECT_EQ(refusals.count("app2", "no proxy", start), 1U);
}

TEST(refusal_log_limit, are_so_many_at_most_and_the_old_make_room) {
    refusal_log_limit refusals;
    for (std::size_t number = 0; number < refusal_log_limit::max_entries; ++number) {
        EXPECT_EQ(refusals.count(std::to_string(number), "no proxy", start), 1U);
    }
    EXPECT_EQ(refusals.count("more", "no proxy", start), std::nullopt);
    EXPECT_EQ(refusals.count("more", "no proxy", at(refusal_log_limit::interval)), 1U);
}

TEST(refusal_log_limit, remember_no_more_than_the_beginning_of_endless_names) {
    refusal_log_limit refusals;
    const std::string endless(1'000'000, 'x');
    EXPECT_EQ(refusals.count(endless + "a", endless + "a", start), 1U);
    EXPECT_EQ(refusals.count(endless + "b", endless + "b", start), std::nullopt);
}

} // namespace
} // namespace wakegate::scaler
