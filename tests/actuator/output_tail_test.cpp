#include "scaler/actuator/output_tail.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace wakegate::actuator {
namespace {

using ::testing::ElementsAre;

TEST(output_tail, are_kept_in_order) {
    output_tail output;
    output.add("waiting for server to start....");
    output.add("could not start server");
    EXPECT_THAT(
        output.lines(), ElementsAre("waiting for server to start....", "could not start server")
    );
    EXPECT_EQ(output.omitted_lines(), 0U);
}

TEST(output_tail, are_bounded_to_the_last_lines) {
    output_tail output;
    for (std::size_t number = 1; number <= output_tail::max_lines + 5; ++number) {
        output.add(std::to_string(number));
    }
    EXPECT_EQ(output.lines().size(), output_tail::max_lines);
    EXPECT_EQ(output.lines().front(), "6");
    EXPECT_EQ(output.lines().back(), "25");
    EXPECT_EQ(output.omitted_lines(), 5U);
}

} // namespace
} // namespace wakegate::actuator
