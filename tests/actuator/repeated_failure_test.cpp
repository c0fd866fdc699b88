#include "scaler/actuator/repeated_failure.hpp"

#include <gtest/gtest.h>

namespace wakegate::actuator {
namespace {

using std::nullopt;

constexpr time_point start(seconds(1'000));

TEST(repeated_failure, is_reported_once_and_then_each_minute_with_a_count) {
    repeated_failure failure;
    EXPECT_EQ(failure.record("refused", start), 1U);
    EXPECT_EQ(failure.record("refused", start + seconds(20)), nullopt);
    EXPECT_EQ(failure.record("refused", start + seconds(40)), nullopt);
    EXPECT_EQ(failure.record("refused", start + seconds(60)), 3U);
    EXPECT_EQ(failure.record("refused", start + seconds(80)), nullopt);
    EXPECT_EQ(failure.record("refused", start + seconds(120)), 2U);
}

TEST(repeated_failure, with_another_reason_is_reported_at_once) {
    repeated_failure failure;
    EXPECT_EQ(failure.record("no proxy has named it", start), 1U);
    EXPECT_EQ(failure.record("connection refused", start + seconds(1)), 1U);
    EXPECT_EQ(failure.record("connection refused", start + seconds(2)), nullopt);
}

TEST(repeated_failure, with_other_numbers_in_its_reason_is_the_same) {
    repeated_failure failure;
    EXPECT_EQ(failure.record("silent for 3s", start), 1U);
    EXPECT_EQ(failure.record("silent for 13s", start + seconds(10)), nullopt);
}

TEST(repeated_failure, is_reported_at_once_after_it_has_ended) {
    repeated_failure failure;
    EXPECT_EQ(failure.reset(), 0U);
    EXPECT_EQ(failure.record("refused", start), 1U);
    EXPECT_EQ(failure.record("refused", start + seconds(1)), nullopt);
    EXPECT_EQ(failure.reset(), 2U);
    EXPECT_EQ(failure.record("refused", start + seconds(2)), 1U);
}

} // namespace
} // namespace wakegate::actuator
