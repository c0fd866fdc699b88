#include "scaler/actuator/hook_words.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace wakegate::actuator {
namespace {

using ::testing::ElementsAre;

TEST(hook_words, are_kept_in_order) {
    hook_words words;
    words.add("waiting for server to start....");
    words.add("could not start server");
    EXPECT_THAT(
        words.lines(), ElementsAre("waiting for server to start....", "could not start server")
    );
    EXPECT_EQ(words.lines_left_out(), 0U);
}

TEST(hook_words, are_bounded_to_the_last_lines) {
    hook_words words;
    for (std::size_t number = 1; number <= hook_words::most_lines + 5; ++number) {
        words.add(std::to_string(number));
    }
    EXPECT_EQ(words.lines().size(), hook_words::most_lines);
    EXPECT_EQ(words.lines().front(), "6");
    EXPECT_EQ(words.lines().back(), "25");
    EXPECT_EQ(words.lines_left_out(), 5U);
}

} // namespace
} // namespace wakegate::actuator
