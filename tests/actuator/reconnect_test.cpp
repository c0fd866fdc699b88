#include "tests/actuator/object_rig.hpp"

#include <gtest/gtest.h>

#include <memory>

namespace wakegate::actuator {
namespace {

using testing::fake_scaler;
using testing::never;

constexpr int every_call = 1'000'000;

/// Its scaler comes and goes, on one port; no back-off and no polling interval ends within a test.
class reconnect : public testing::object_rig {
protected:
    reconnect() {
        settings_.polling_interval = never;
        retries_.stream_first = never;
        retries_.reconcile_first = never;
        retries_.reconcile_highest = never;
    }

    void start_scaler() { restarted_ = std::make_unique<fake_scaler>(port_); }

    void begin_here() { begin({host_port{"127.0.0.1", static_cast<std::uint16_t>(port_)}}); }

    void lose_scaler() {
        restarted_.reset();
        ASSERT_TRUE(until([this] { return !object_->status(clock::now()).stream_connected; }));
    }

    [[nodiscard]] bool until_listened_to() {
        return until([this] { return restarted_->open_streams() > 0; });
    }

    [[nodiscard]] bool until_polled() {
        return until([this] { return restarted_->seen().is_active > 0; });
    }

    int port_ = fake_scaler().address().port; // free again
    std::unique_ptr<fake_scaler> restarted_;
};

TEST_F(reconnect, to_a_scaler_that_came_later_ends_the_pause_before_the_next_attempt) {
    begin_here();
    ASSERT_TRUE(until([this] { return object_->status(clock::now()).last_poll.has_value(); }));
    EXPECT_EQ(object_->status(clock::now()).last_poll->error->code, grpc::StatusCode::UNAVAILABLE);
    start_scaler();
    EXPECT_TRUE(until_polled());
    EXPECT_TRUE(until_listened_to());
}

TEST_F(reconnect, opens_the_stream_at_once_each_time) {
    start_scaler();
    begin_here();
    ASSERT_TRUE(until_listened_to());
    for (int restart = 0; restart < 3; ++restart) {
        lose_scaler();
        start_scaler();
        ASSERT_TRUE(until_listened_to());
    }
    restarted_->push(true);
    EXPECT_TRUE(until_replicas(1));
}

TEST_F(reconnect, polls_at_once_when_the_last_poll_had_failed) {
    start_scaler();
    restarted_->fail_polls(every_call);
    begin_here();
    const auto poll_failed = [this] {
        const auto poll = object_->status(clock::now()).last_poll;
        return poll && poll->error;
    };
    ASSERT_TRUE(until_listened_to());
    ASSERT_TRUE(until(poll_failed));
    lose_scaler();
    start_scaler();
    EXPECT_TRUE(until_polled());
}

TEST_F(reconnect, leaves_the_next_poll_to_its_time_when_the_last_one_was_answered) {
    start_scaler();
    begin_here();
    ASSERT_TRUE(until_polled());
    ASSERT_TRUE(until_listened_to());
    lose_scaler();
    start_scaler();
    ASSERT_TRUE(until_listened_to());
    EXPECT_EQ(restarted_->seen().metric_spec, 0);
}

} // namespace
} // namespace wakegate::actuator
