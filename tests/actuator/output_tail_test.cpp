#include "scaler/actuator/output_tail.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace wakegate::actuator {
namespace {

using ::testing::ElementsAre;

TEST(output_tail, are_kept_in_order) {
    output_tail words;
    words.add("waiting for server to start....");
    words.add("could not start server");
    EXPECT_THAT(
        words.lines(), ElementsAre("waiting for server to start....", "could not start server")
    );
    EXPECT_EQ(words.lines_left_out(), 0U);
}

TEST(output_tail, are_bounded_to_the_last_lines) {
    output_tail words;
    for (std::size_t number = 1; number <= output_tail::most_lines + 5; ++number) {
        words.add(std::to_string(number));
    }
    EXPECT_EQ(words.lines().size(), output_tail::most_lines);
    EXPECT_EQ(words.lines().front(), "6");
    EXPECT_EQ(words.lines().back(), "25");
    EXPECT_EQ(words.lines_left_out(), 5U);
}

} // namespace
} // namespace wakegate::actuator
