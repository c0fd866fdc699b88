#include "scaler/state/manual_orders.hpp"
#include "tests/scaler/reports.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace wakegate::scaler {
namespace {

using namespace testing;
using std::chrono::hours;
using std::chrono::minutes;
using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::IsEmpty;

manual_order wake(milliseconds period) {
    return {.kind = order_kind::wake, .cluster = "app", .period = period};
}

manual_order keep_awake(milliseconds period) {
    return {.kind = order_kind::keep_awake, .cluster = "app", .period = period};
}

const manual_order sleep_now{.kind = order_kind::sleep_now, .cluster = "app"};

auto ended(order_kind kind, bool is_expired) {
    return ::testing::AllOf(
        Field(&ended_order::kind, kind),
        Field(&ended_order::cluster, "app"),
        Field(&ended_order::is_expired, is_expired)
    );
}

TEST(manual_orders, hold_for_their_period_and_for_their_cluster) {
    manual_orders orders;
    static_cast<void>(orders.apply(wake(minutes(30)), start));
    EXPECT_EQ(orders.in_force("app", at(milliseconds(1'799'999))).wake_until, at(minutes(30)));
    EXPECT_FALSE(orders.in_force("app", at(minutes(30))).wake_until);
    EXPECT_FALSE(orders.in_force("app", start).keep_awake_until);
    EXPECT_FALSE(orders.in_force("other", start).wake_until);
}

TEST(manual_orders, of_two_kinds_hold_beside_each_other) {
    manual_orders orders;
    static_cast<void>(orders.apply(wake(minutes(30)), start));
    static_cast<void>(orders.apply(keep_awake(hours(8)), start));
    EXPECT_THAT(orders.expire(at(hours(1))), ElementsAre(ended(order_kind::wake, true)));
    EXPECT_EQ(orders.in_force("app", at(hours(1))).keep_awake_until, at(hours(8)));
}

TEST(manual_orders, are_replaced_by_the_next_of_their_kind_be_it_shorter) {
    manual_orders orders;
    static_cast<void>(orders.apply(wake(hours(2)), start));
    EXPECT_THAT(orders.apply(wake(minutes(5)), start), IsEmpty());
    EXPECT_EQ(orders.in_force("app", start).wake_until, at(minutes(5)));
}

TEST(manual_orders, end_with_one_to_sleep) {
    manual_orders orders;
    static_cast<void>(orders.apply(wake(minutes(30)), start));
    static_cast<void>(orders.apply(keep_awake(hours(8)), start));
    EXPECT_THAT(
        orders.apply(sleep_now, at(minutes(1))),
        ElementsAre(ended(order_kind::wake, false), ended(order_kind::keep_awake, false))
    );
    const auto left = orders.in_force("app", at(minutes(1)));
    EXPECT_FALSE(left.wake_until);
    EXPECT_FALSE(left.keep_awake_until);
    EXPECT_EQ(left.sleep_ordered, at(minutes(1)));
}

TEST(manual_orders, that_have_run_out_are_told_once) {
    manual_orders orders;
    static_cast<void>(orders.apply(keep_awake(minutes(30)), start));
    EXPECT_THAT(orders.expire(at(minutes(29))), IsEmpty());
    EXPECT_THAT(orders.expire(at(minutes(30))), ElementsAre(ended(order_kind::keep_awake, true)));
    EXPECT_THAT(orders.expire(at(minutes(31))), IsEmpty());
}

TEST(manual_orders, say_what_remains_in_words_for_people) {
    EXPECT_EQ(format_remaining(at(milliseconds(-5)), start), "0s");
    EXPECT_EQ(format_remaining(at(milliseconds(44'001)), start), "45s");
    EXPECT_EQ(format_remaining(at(seconds(119)), start), "119s");
    EXPECT_EQ(format_remaining(at(seconds(11 * 60 + 1)), start), "12m");
    EXPECT_EQ(format_remaining(at(hours(8)), start), "8h");
    EXPECT_EQ(format_remaining(at(hours(8) - milliseconds(1)), start), "8h");
    EXPECT_EQ(format_remaining(at(hours(8) - minutes(1)), start), "7h 59m");
}

} // namespace
} // namespace wakegate::scaler
