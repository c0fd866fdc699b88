#include "scaler/actuator/retry_delay.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace wakegate::actuator {
namespace {

std::vector<milliseconds> take(retry_delay& delay, std::size_t count) {
    std::vector<milliseconds> delays;
    while (delays.size() < count) {
        delays.push_back(delay.next());
    }
    return delays;
}

TEST(retry_delay, doubles_up_to_the_highest) {
    retry_delay delay(seconds(2), seconds(60));
    const std::vector<milliseconds> expected{
        seconds(2), seconds(4), seconds(8), seconds(16), seconds(32), seconds(60), seconds(60)
    };
    EXPECT_EQ(take(delay, 7), expected);
}

TEST(retry_delay, starts_again_after_reset) {
    retry_delay delay(seconds(2), seconds(60));
    take(delay, 6);
    delay.reset();
    const std::vector<milliseconds> expected{seconds(2), seconds(4)};
    EXPECT_EQ(take(delay, 2), expected);
}

TEST(retry_delay, never_exceeds_a_highest_below_the_first) {
    retry_delay delay(seconds(2), milliseconds(100));
    const std::vector<milliseconds> expected{milliseconds(100), milliseconds(100)};
    EXPECT_EQ(take(delay, 2), expected);
}

} // namespace
} // namespace wakegate::actuator
