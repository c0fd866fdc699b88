#include "scaler/state/trigger_errors.hpp"
#include "tests/scaler/reports.hpp"

#include <gtest/gtest.h>

namespace wakegate::scaler {
namespace {

using namespace testing;

TEST(trigger_errors, are_due_at_once_and_then_once_a_minute) {
    trigger_errors errors;
    EXPECT_TRUE(errors.is_due("prod/a", "soon", start));
    EXPECT_FALSE(errors.is_due("prod/a", "soon", start));
    EXPECT_FALSE(errors.is_due("prod/a", "soon", at(milliseconds(59'999))));
    EXPECT_TRUE(errors.is_due("prod/a", "soon", at(seconds(60))));
    EXPECT_FALSE(errors.is_due("prod/a", "soon", at(seconds(61))));
}

TEST(trigger_errors, are_told_apart_by_object_and_error) {
    trigger_errors errors;
    EXPECT_TRUE(errors.is_due("prod/a", "soon", start));
    EXPECT_TRUE(errors.is_due("prod/b", "soon", start));
    EXPECT_TRUE(errors.is_due("prod/a", "later", start));
    EXPECT_FALSE(errors.is_due("prod/a", "soon", start));
}

TEST(trigger_errors, beyond_a_bound_are_silent_until_there_is_room) {
    trigger_errors errors;
    for (std::size_t number = 0; number < trigger_errors::max_errors; ++number) {
        EXPECT_TRUE(errors.is_due(std::to_string(number), "soon", start));
    }
    EXPECT_FALSE(errors.is_due("more", "soon", start));
    EXPECT_TRUE(errors.is_due("more", "soon", at(seconds(60))));
}

TEST(trigger_errors, have_a_bounded_number_of_labels) {
    trigger_errors errors;
    for (std::size_t number = 0; number < trigger_errors::max_objects; ++number) {
        const auto name = std::to_string(number);
        EXPECT_EQ(errors.label_of(name), name);
    }
    EXPECT_EQ(errors.label_of("more"), "other");
    EXPECT_EQ(errors.label_of("0"), "0");
}

} // namespace
} // namespace wakegate::scaler
