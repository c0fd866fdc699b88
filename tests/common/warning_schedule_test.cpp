#include "common/warning_schedule.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

namespace wakegate {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

const time_point start{seconds(1'000)};

time_point at(milliseconds after_start) {
    return start + after_start;
}

TEST(warning_schedule, warns_when_a_fault_has_lasted_and_then_once_a_minute) {
    warning_schedule schedule(seconds(3));
    std::vector<int> warned_at;
    for (int second = 0; second <= 130; ++second) {
        if (schedule.is_due("app", start + seconds(second))) {
            warned_at.push_back(second);
        }
    }
    EXPECT_EQ(warned_at, std::vector({3, 63, 123}));
}

TEST(warning_schedule, has_patience_anew_with_a_fault_that_was_over) {
    warning_schedule schedule(seconds(3));
    EXPECT_FALSE(schedule.is_due("app", start));
    schedule.end("app");
    EXPECT_FALSE(schedule.is_due("app", start + seconds(3)));
    EXPECT_TRUE(schedule.is_due("app", start + seconds(6)));
}

TEST(warning_schedule, takes_each_by_itself) {
    warning_schedule schedule(seconds(3));
    EXPECT_FALSE(schedule.is_due("app", start));
    EXPECT_FALSE(schedule.is_due("shop", start + seconds(2)));
    EXPECT_TRUE(schedule.is_due("app", start + seconds(3)));
    EXPECT_FALSE(schedule.is_due("shop", start + seconds(3)));
}

class warning_schedule_test : public ::testing::Test {
protected:
    warning_schedule schedule_{seconds(10)};
};

TEST_F(warning_schedule_test, are_due_once_it_has_lasted_and_then_once_a_minute) {
    EXPECT_THAT(schedule_.due({"app"}, at(seconds(0))), IsEmpty());
    EXPECT_THAT(schedule_.due({"app"}, at(milliseconds(9'999))), IsEmpty());
    EXPECT_FALSE(schedule_.was_warned("app"));
    EXPECT_THAT(schedule_.due({"app"}, at(seconds(10))), ElementsAre("app"));
    EXPECT_TRUE(schedule_.was_warned("app"));
    EXPECT_THAT(schedule_.due({"app"}, at(milliseconds(69'999))), IsEmpty());
    EXPECT_THAT(schedule_.due({"app"}, at(seconds(70))), ElementsAre("app"));
    EXPECT_THAT(schedule_.due({"app"}, at(seconds(130))), ElementsAre("app"));
}

TEST_F(warning_schedule_test, begin_anew_after_an_end) {
    EXPECT_THAT(schedule_.due({"app"}, at(seconds(0))), IsEmpty());
    EXPECT_THAT(schedule_.due({}, at(seconds(9))), IsEmpty());
    EXPECT_THAT(schedule_.due({"app"}, at(seconds(11))), IsEmpty());
    EXPECT_THAT(schedule_.due({"app"}, at(seconds(21))), ElementsAre("app"));
    EXPECT_THAT(schedule_.due({}, at(seconds(22))), IsEmpty());
    EXPECT_FALSE(schedule_.was_warned("app"));
}

TEST_F(warning_schedule_test, are_kept_for_each_thing) {
    EXPECT_THAT(schedule_.due({"app"}, at(seconds(0))), IsEmpty());
    EXPECT_THAT(schedule_.due({"app", "billing"}, at(seconds(5))), IsEmpty());
    EXPECT_THAT(schedule_.due({"app", "billing"}, at(seconds(10))), ElementsAre("app"));
    EXPECT_THAT(schedule_.due({"app", "billing"}, at(seconds(15))), ElementsAre("billing"));
}

TEST(warning_schedule, may_be_due_at_once) {
    EXPECT_THAT(warning_schedule(milliseconds(0)).due({"app"}, start), ElementsAre("app"));
}

} // namespace
} // namespace wakegate
