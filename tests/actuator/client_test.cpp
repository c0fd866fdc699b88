#include "scaler/actuator/trigger_metadata.hpp"
#include "tests/actuator/object_rig.hpp"
#include "tests/support/captured_log.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <memory>
#include <string>

namespace wakegate::actuator {
namespace {

using testing::fake_scaler;
using ::testing::HasSubstr;
using testing::hook_latch;
using testing::never;

constexpr int every_call = std::numeric_limits<int>::max();

class client : public testing::object_rig {};

TEST_F(client, asks_as_keda_does) {
    begin();
    ASSERT_TRUE(until_more_polls(2));
    const auto seen = scaler_.seen();
    EXPECT_EQ(seen.metadata, metadata_to_send(settings_));
    EXPECT_EQ(seen.metric_asked_for, "sessions");
    EXPECT_GE(seen.metrics, seen.is_active);
    EXPECT_GE(seen.metric_spec, seen.is_active + 1) << "one before all else, one for each poll";
    EXPECT_EQ(replicas(), 0U);
}

TEST_F(client, true_pushed_wakes) {
    settings_.polling_interval = never;
    begin();
    ASSERT_TRUE(until_stream());
    scaler_.push(true);
    ASSERT_TRUE(until_replicas(1));
    EXPECT_EQ(journal_text(), "start\n");
    const auto status = object_->status(clock::now());
    EXPECT_TRUE(status.active);
    EXPECT_TRUE(status.last_active_age.has_value());
    EXPECT_TRUE(status.stream_connected);
    EXPECT_THAT(
        metrics_.text(0), HasSubstr("wakegate_actuator_activations_total{scaled_object=\"app\"} 1")
    );
}

TEST_F(client, wakes_to_the_minimum_when_idle_is_zero) {
    settings_.polling_interval = never;
    settings_.policy.min_replicas = 3;
    settings_.policy.idle_replicas = 0;
    begin();
    ASSERT_TRUE(until_stream());
    scaler_.push(true);
    EXPECT_TRUE(until_replicas(3));
}

TEST_F(client, false_pushed_is_ignored) {
    scaler_.set_active(true);
    begin_running();
    ASSERT_TRUE(until_stream());
    scaler_.push(false);
    ASSERT_TRUE(until_more_polls(5));
    EXPECT_EQ(replicas(), 1U);
    EXPECT_EQ(journal_text(), "");
}

TEST_F(client, an_active_poll_wakes) {
    scaler_.set_active(true);
    begin();
    ASSERT_TRUE(until_replicas(1));
    EXPECT_EQ(journal_text(), "start\n");
}

TEST_F(client, inactive_polls_stop_after_the_cooldown) {
    scaler_.set_active(true);
    settings_.policy.cooldown_period = milliseconds(50);
    begin();
    ASSERT_TRUE(until_replicas(1));
    scaler_.set_active(false);
    ASSERT_TRUE(until_replicas(0));
    EXPECT_EQ(journal_text(), "start\nstop\n");
}

TEST_F(client, inactive_polls_keep_within_the_cooldown) {
    scaler_.set_active(true);
    settings_.policy.cooldown_period = never;
    begin();
    ASSERT_TRUE(until_replicas(1));
    scaler_.set_active(false);
    ASSERT_TRUE(until_more_polls(10));
    EXPECT_EQ(replicas(), 1U);
}

TEST_F(client, what_runs_at_start_is_kept_for_the_initial_cooldown) {
    settings_.policy.initial_cooldown_period = never;
    begin_running();
    ASSERT_TRUE(until_more_polls(10));
    EXPECT_EQ(replicas(), 1U);
}

TEST_F(client, a_failing_scaler_keeps_what_runs) {
    scaler_.set_active(true);
    begin();
    ASSERT_TRUE(until_replicas(1));
    scaler_.fail_calls(every_call);
    scaler_.set_active(false);
    const auto failed_often = [this] {
        const auto text = metrics_.text(0);
        return text.find("poll_failures_total{scaled_object=\"app\"} 3") != std::string::npos;
    };
    ASSERT_TRUE(until(failed_often));
    EXPECT_EQ(replicas(), 1U);
    EXPECT_EQ(journal_text(), "start\n");
}

TEST_F(client, one_failed_call_of_a_poll_is_tried_again) {
    scaler_.set_active(true);
    begin();
    ASSERT_TRUE(until_replicas(1));
    scaler_.fail_calls(1);
    ASSERT_TRUE(until_more_polls(3));
    EXPECT_THAT(
        metrics_.text(0),
        HasSubstr("wakegate_actuator_poll_failures_total{scaled_object=\"app\"} 0")
    );
}

TEST_F(client, neither_polls_nor_listens_before_the_scaler_names_a_metric) {
    scaler_.set_metric_name("");
    begin();
    ASSERT_TRUE(until([this] { return scaler_.seen().metric_spec >= 4; }));
    EXPECT_EQ(scaler_.seen().is_active, 0);
    EXPECT_EQ(scaler_.seen().streams_opened, 0);
    EXPECT_FALSE(object_->status(clock::now()).reconciled);
    scaler_.set_metric_name("sessions");
    EXPECT_TRUE(until_stream());
}

TEST_F(client, an_empty_metric_list_in_a_poll_keeps_what_runs) {
    scaler_.set_active(true);
    begin();
    ASSERT_TRUE(until_replicas(1));
    scaler_.set_metric_name("");
    ASSERT_TRUE(until_more_spec_calls(3)); // no poll that got the name is under way any more
    scaler_.set_active(false);
    ASSERT_TRUE(until_more_spec_calls(10));
    EXPECT_EQ(replicas(), 1U);
}

TEST_F(client, streams_ended_with_ok_are_reopened_after_the_shortest_pause_every_time) {
    begin();
    // Without the reset the pauses would add up to weeks.
    for (int opened = 1; opened <= 30; ++opened) {
        ASSERT_TRUE(until([&] {
            return scaler_.seen().streams_opened == opened && scaler_.open_streams() == 1;
        }));
        scaler_.end_streams(grpc::Status::OK);
    }
}

TEST_F(client, streams_ended_otherwise_are_reopened_after_doubling_pauses) {
    support::captured_log captured;
    begin();
    for (int opened = 1; opened <= 4; ++opened) {
        ASSERT_TRUE(until([&] {
            return scaler_.seen().streams_opened == opened && scaler_.open_streams() == 1;
        }));
        scaler_.end_streams({grpc::StatusCode::INTERNAL, "broken"});
    }
    EXPECT_TRUE(until([&] { return scaler_.seen().streams_opened == 5; }));
    const auto log = captured.take();
    for (const auto* const pause :
         {"retry_ms=1\n", "retry_ms=2\n", "retry_ms=4\n", "retry_ms=8\n"}) {
        EXPECT_THAT(log, HasSubstr(pause));
    }
    EXPECT_THAT(log, HasSubstr("stream_ended scaled_object=app code=13 reason=broken"));
}

TEST_F(client, an_unimplemented_metric_spec_stream_is_not_asked_for_again) {
    begin();
    ASSERT_TRUE(until([this] { return scaler_.seen().metric_spec_streams == 1; }));
    ASSERT_TRUE(until_more_polls(20));
    EXPECT_EQ(scaler_.seen().metric_spec_streams, 1);
}

TEST_F(client, a_push_during_the_stop_hook_starts_again_at_once) {
    const hook_latch latch(folder_.file("gate"));
    settings_.hooks.environment.emplace("GATE", folder_.file("gate"));
    settings_.hooks.stop =
        shell("echo stopping >> $JOURNAL; read x < $GATE; echo stop >> $JOURNAL");
    // The first poll stops it; later ones, which could start it again, never come.
    settings_.polling_interval = never;
    begin_running();
    ASSERT_TRUE(until_in_journal("stopping"));
    EXPECT_EQ(object_->status(clock::now()).hook, "stop");
    ASSERT_TRUE(until_stream());
    scaler_.push(true);
    ASSERT_TRUE(until([this] { return object_->status(clock::now()).push_waiting; }));
    EXPECT_EQ(journal_text(), "stopping\n");
    latch.open();
    ASSERT_TRUE(until_in_journal("start"));
    EXPECT_EQ(journal_text(), "stopping\nstop\nstart\n");
    EXPECT_TRUE(until_replicas(1));
}

TEST_F(client, a_failed_start_is_tried_again_by_the_next_push) {
    settings_.polling_interval = never;
    settings_.hooks.start = shell("echo start >> $JOURNAL; [ $(grep -c start $JOURNAL) -eq 2 ]");
    begin();
    ASSERT_TRUE(until_stream());
    scaler_.push(true);
    ASSERT_TRUE(until([this] { return !object_->status(clock::now()).last_hook_failure.empty(); }));
    EXPECT_EQ(replicas(), 0U);
    scaler_.push(true);
    ASSERT_TRUE(until_replicas(1));
    EXPECT_EQ(object_->status(clock::now()).last_hook_failure, "");
}

TEST_F(client, a_failed_stop_is_tried_again_by_the_next_poll) {
    settings_.hooks.stop = shell("echo stop >> $JOURNAL; [ $(grep -c stop $JOURNAL) -eq 2 ]");
    begin_running();
    ASSERT_TRUE(until_in_journal("stop\nstop\n"));
    EXPECT_TRUE(until_replicas(0));
}

TEST_F(client, a_shutdown_waits_for_the_hook_and_starts_no_other) {
    const hook_latch latch(folder_.file("gate"));
    settings_.hooks.environment.emplace("GATE", folder_.file("gate"));
    settings_.hooks.start =
        shell("echo starting >> $JOURNAL; read x < $GATE; echo start >> $JOURNAL");
    scaler_.set_active(true);
    begin();
    ASSERT_TRUE(until_in_journal("starting"));
    scaler_.set_active(false);
    stop();
    ASSERT_TRUE(until([this] { return scaler_.open_streams() == 0; }));
    EXPECT_FALSE(ended_);
    latch.open();
    ASSERT_TRUE(until([this] { return ended_; }));
    EXPECT_EQ(journal_text(), "starting\nstart\n");
    EXPECT_EQ(replicas(), 1U);
}

TEST_F(client, a_second_signal_does_not_wait_for_the_hook) {
    settings_.hooks.start = shell("echo starting >> $JOURNAL; sleep 1000");
    scaler_.set_active(true);
    begin();
    ASSERT_TRUE(until_in_journal("starting"));
    stop();
    object_->kill_hook();
    ASSERT_TRUE(until([this] { return ended_; }));
    EXPECT_EQ(replicas(), 0U);
}

TEST_F(client, takes_scalers_in_turn_and_does_without_a_lost_one) {
    auto other = std::make_unique<fake_scaler>();
    scaler_.set_active(true);
    other->set_active(true);
    begin({scaler_.address(), other->address()});
    const auto both_asked = [&] {
        return scaler_.seen().is_active > 2 && other->seen().is_active > 2;
    };
    ASSERT_TRUE(until(both_asked));
    other.reset();
    ASSERT_TRUE(until_more_polls(20));
    EXPECT_EQ(replicas(), 1U);
}

} // namespace
} // namespace wakegate::actuator
