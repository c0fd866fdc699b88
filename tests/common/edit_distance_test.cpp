#include "common/edit_distance.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace wakegate {
namespace {

using ::testing::ElementsAre;

TEST(edit_distance, counts_what_is_added_dropped_and_replaced) {
    EXPECT_EQ(edit_distance("app", "app"), 0U);
    EXPECT_EQ(edit_distance("app", "ap"), 1U);
    EXPECT_EQ(edit_distance("ap", "app"), 1U);
    EXPECT_EQ(edit_distance("app", "apq"), 1U);
    EXPECT_EQ(edit_distance("", "app"), 3U);
    EXPECT_EQ(edit_distance("kitten", "sitting"), 3U);
}

TEST(edit_distance_nearest_first, keeps_the_order_of_what_is_equally_near) {
    EXPECT_THAT(
        nearest_first({"billing", "abb", "app", "apx"}, "ap"),
        ElementsAre("app", "apx", "abb", "billing")
    );
}

} // namespace
} // namespace wakegate
