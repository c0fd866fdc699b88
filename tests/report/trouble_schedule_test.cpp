#include "proxy/report/trouble_schedule.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace wakegate::proxy {
namespace {

const time_point start{seconds(1'000)};

TEST(trouble_schedule, warns_when_a_trouble_has_lasted_and_then_once_a_minute) {
    trouble_schedule schedule(seconds(3));
    std::vector<int> warned_at;
    for (int second = 0; second <= 130; ++second) {
        if (schedule.is_due("app", start + seconds(second))) {
            warned_at.push_back(second);
        }
    }
    EXPECT_EQ(warned_at, std::vector({3, 63, 123}));
}

TEST(trouble_schedule, has_patience_anew_with_a_trouble_that_was_over) {
    trouble_schedule schedule(seconds(3));
    EXPECT_FALSE(schedule.is_due("app", start));
    schedule.end("app");
    EXPECT_FALSE(schedule.is_due("app", start + seconds(3)));
    EXPECT_TRUE(schedule.is_due("app", start + seconds(6)));
}

TEST(trouble_schedule, takes_each_by_itself) {
    trouble_schedule schedule(seconds(3));
    EXPECT_FALSE(schedule.is_due("app", start));
    EXPECT_FALSE(schedule.is_due("shop", start + seconds(2)));
    EXPECT_TRUE(schedule.is_due("app", start + seconds(3)));
    EXPECT_FALSE(schedule.is_due("shop", start + seconds(3)));
}

} // namespace
} // namespace wakegate::proxy
