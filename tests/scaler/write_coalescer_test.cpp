#include "scaler/state/write_coalescer.hpp"

#include <gtest/gtest.h>

namespace wakegate::scaler {
namespace {

TEST(write_coalescer, has_one_write_under_way_and_one_waiting_at_most) {
    write_coalescer writes;
    EXPECT_TRUE(writes.request());
    EXPECT_FALSE(writes.request());
    EXPECT_FALSE(writes.request());
    EXPECT_TRUE(writes.complete()); // the two pending messages are one write
    EXPECT_FALSE(writes.complete());
    EXPECT_TRUE(writes.request());
}

} // namespace
} // namespace wakegate::scaler
