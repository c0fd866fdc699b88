#include "tests/actuator/object_rig.hpp"
#include "tests/support/captured_log.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <string>
#include <string_view>

namespace wakegate::actuator {
namespace {

using ::testing::HasSubstr;

constexpr int every_call = std::numeric_limits<int>::max();

int count_of(std::string_view part, std::string_view text) {
    int count = 0;
    for (auto at = text.find(part); at != std::string_view::npos; at = text.find(part, at + 1)) {
        ++count;
    }
    return count;
}

/// Logs and status of refused polls.
class poll_reports : public testing::object_rig {
protected:
    [[nodiscard]] std::optional<poll_result> last_poll() const {
        return object_->status(clock::now()).last_poll;
    }

    [[nodiscard]] bool until_last_poll_fails() {
        return until([this] { return last_poll() && last_poll()->error; });
    }

    [[nodiscard]] bool until_last_poll_is_answered() {
        return until([this] { return last_poll() && !last_poll()->error; });
    }
};

TEST_F(poll_reports, keep_the_last_error_until_a_poll_is_answered) {
    begin();
    ASSERT_TRUE(until_last_poll_is_answered());
    scaler_.fail_calls(every_call);
    ASSERT_TRUE(until_last_poll_fails());
    const auto error = last_poll()->error;
    EXPECT_EQ(error->code, grpc::StatusCode::UNAVAILABLE);
    EXPECT_EQ(error->text, "proxies have not reported yet");
    EXPECT_TRUE(error->connected);
    scaler_.fail_calls(0);
    EXPECT_TRUE(until_last_poll_is_answered());
}

TEST_F(poll_reports, warn_once_of_what_is_refused_each_time) {
    begin();
    ASSERT_TRUE(until_last_poll_is_answered());
    support::captured_log captured;
    scaler_.fail_calls(every_call);
    ASSERT_TRUE(until_more_spec_calls(10));
    ASSERT_TRUE(until_last_poll_fails());
    scaler_.fail_calls(0);
    ASSERT_TRUE(until_last_poll_is_answered());
    const auto log = captured.take();
    EXPECT_EQ(count_of("warning poll_failed scaled_object=app", log), 1) << log;
    EXPECT_THAT(log, HasSubstr("UNAVAILABLE (14): proxies have not reported yet"));
    EXPECT_THAT(log, HasSubstr("info poll_answered_again scaled_object=app failures="));
}

TEST_F(poll_reports, have_what_keeps_an_object_from_being_polled_at_all) {
    support::captured_log captured;
    scaler_.fail_calls(every_call, {grpc::StatusCode::INVALID_ARGUMENT, "metadata cluster: ''"});
    begin();
    ASSERT_TRUE(until_last_poll_fails());
    EXPECT_EQ(last_poll()->error->rpc, "GetMetricSpec");
    ASSERT_TRUE(until_more_spec_calls(5));
    const auto log = captured.take();
    EXPECT_EQ(count_of("reconcile_failed", log), 1) << log;
    EXPECT_THAT(log, HasSubstr("correct scaled_objects.app.metadata"));
}

TEST_F(poll_reports, tell_when_it_stops_if_nobody_comes) {
    settings_.policy.cooldown_period = testing::never;
    scaler_.set_active(true);
    begin();
    ASSERT_TRUE(until_replicas(1));
    const auto stops_in = object_->status(clock::now()).stops_in;
    ASSERT_TRUE(stops_in);
    EXPECT_LE(*stops_in, testing::never + settings_.polling_interval);
    EXPECT_GT(*stops_in, testing::never / 2);
}

TEST_F(poll_reports, tell_of_no_stop_where_nothing_runs) {
    begin();
    ASSERT_TRUE(until_last_poll_is_answered());
    EXPECT_EQ(object_->status(clock::now()).stops_in, std::nullopt);
}

} // namespace
} // namespace wakegate::actuator
