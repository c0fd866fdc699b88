#include "proxy/report/unreachable_scalers.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace wakegate::proxy {
namespace {

using scalers = std::vector<unreachable_scaler>;

const time_point start{seconds(1'000)};
const scaler_failure refused{scaler_failure_kind::refused, "Connection refused"};
const scaler_failure unknown{scaler_failure_kind::unresolved, "Host not found"};

TEST(unreachable_scalers, are_told_a_few_seconds_after_the_start_and_then_once_a_minute) {
    unreachable_scalers subject;
    subject.expect("a:1");
    EXPECT_EQ(subject.due(start), scalers());
    subject.fail("a:1", refused);
    EXPECT_EQ(subject.due(start + seconds(2)), scalers());
    EXPECT_EQ(subject.due(start + seconds(3)), (scalers{{"a:1", refused}}));
    subject.fail("a:1", refused);
    EXPECT_EQ(subject.due(start + seconds(62)), scalers());
    EXPECT_EQ(subject.due(start + seconds(63)), (scalers{{"a:1", refused}}));
}

TEST(unreachable_scalers, have_a_reason_before_the_first_attempt_has_ended) {
    unreachable_scalers subject;
    subject.expect("a:1");
    EXPECT_EQ(subject.all(), (scalers{{"a:1", {scaler_failure_kind::no_answer, "no answer yet"}}}));
}

TEST(unreachable_scalers, have_their_latest_reason) {
    unreachable_scalers subject;
    subject.fail("scaler:1", unknown);
    subject.fail("scaler:1", refused);
    subject.expect("scaler:1"); // the next attempt has begun
    EXPECT_EQ(subject.all(), (scalers{{"scaler:1", refused}}));
}

TEST(unreachable_scalers, are_forgotten_when_they_are_reached) {
    unreachable_scalers subject;
    subject.fail("a:1", refused);
    subject.fail("b:1", refused);
    EXPECT_EQ(subject.due(start), scalers());
    subject.remove("a:1");
    EXPECT_EQ(subject.all(), (scalers{{"b:1", refused}}));
    EXPECT_EQ(subject.due(start + seconds(3)), (scalers{{"b:1", refused}}));
    subject.fail("a:1", refused); // counts as its first failure again
    EXPECT_EQ(subject.due(start + seconds(4)), scalers());
}

} // namespace
} // namespace wakegate::proxy
