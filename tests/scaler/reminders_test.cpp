#include "scaler/state/reminders.hpp"
#include "tests/scaler/reports.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace wakegate::scaler {
namespace {

using namespace testing;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

class reminders_test : public ::testing::Test {
protected:
    reminders reminders_{seconds(10)};
};

TEST_F(reminders_test, are_due_once_it_has_lasted_and_then_once_a_minute) {
    EXPECT_THAT(reminders_.due({"app"}, at(seconds(0))), IsEmpty());
    EXPECT_THAT(reminders_.due({"app"}, at(milliseconds(9'999))), IsEmpty());
    EXPECT_FALSE(reminders_.was_warned("app"));
    EXPECT_THAT(reminders_.due({"app"}, at(seconds(10))), ElementsAre("app"));
    EXPECT_TRUE(reminders_.was_warned("app"));
    EXPECT_THAT(reminders_.due({"app"}, at(milliseconds(69'999))), IsEmpty());
    EXPECT_THAT(reminders_.due({"app"}, at(seconds(70))), ElementsAre("app"));
    EXPECT_THAT(reminders_.due({"app"}, at(seconds(130))), ElementsAre("app"));
}

TEST_F(reminders_test, begin_anew_after_an_end) {
    EXPECT_THAT(reminders_.due({"app"}, at(seconds(0))), IsEmpty());
    EXPECT_THAT(reminders_.due({}, at(seconds(9))), IsEmpty());
    EXPECT_THAT(reminders_.due({"app"}, at(seconds(11))), IsEmpty());
    EXPECT_THAT(reminders_.due({"app"}, at(seconds(21))), ElementsAre("app"));
    EXPECT_THAT(reminders_.due({}, at(seconds(22))), IsEmpty());
    EXPECT_FALSE(reminders_.was_warned("app"));
}

TEST_F(reminders_test, are_kept_for_each_thing) {
    EXPECT_THAT(reminders_.due({"app"}, at(seconds(0))), IsEmpty());
    EXPECT_THAT(reminders_.due({"app", "billing"}, at(seconds(5))), IsEmpty());
    EXPECT_THAT(reminders_.due({"app", "billing"}, at(seconds(10))), ElementsAre("app"));
    EXPECT_THAT(reminders_.due({"app", "billing"}, at(seconds(15))), ElementsAre("billing"));
}

TEST(reminders, may_be_due_at_once) {
    EXPECT_THAT(reminders(milliseconds(0)).due({"app"}, start), ElementsAre("app"));
}

} // namespace
} // namespace wakegate::scaler
