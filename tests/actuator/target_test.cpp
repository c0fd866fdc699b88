#include "tests/actuator/object_rig.hpp"
#include "tests/support/captured_log.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

namespace wakegate::actuator {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using testing::never;

/// A target that runs while the file "up" exists, so that a test can stop it without a hook.
class target : public testing::object_rig {
protected:
    target() {
        settings_.hooks.environment.emplace("UP", folder_.file("up"));
        settings_.hooks.start = shell("echo start >> $JOURNAL; touch $UP");
        settings_.hooks.stop = shell("echo stop >> $JOURNAL; rm -f $UP");
        settings_.hooks.status = shell("[ -e $UP ] || exit 3");
    }

    void start_it() { folder_.write("up", ""); }

    void stop_it() { std::filesystem::remove(folder_.file("up")); }

    [[nodiscard]] bool state_unknown() const { return object_->status(clock::now()).state_unknown; }
};

TEST_F(target, that_was_stopped_by_somebody_else_is_started_by_the_next_push) {
    support::captured_log captured;
    settings_.polling_interval = never;
    begin();
    ASSERT_TRUE(until_stream());
    scaler_.push(true);
    ASSERT_TRUE(until_replicas(1));
    stop_it();
    scaler_.push(true);
    ASSERT_TRUE(until_in_journal("start\nstart\n"));
    EXPECT_TRUE(until_replicas(1));
    EXPECT_THAT(captured.take(), HasSubstr("found_stopped scaled_object=app replicas=1"));
}

TEST_F(target, that_was_stopped_by_somebody_else_is_started_by_the_next_active_poll) {
    scaler_.set_active(true);
    start_it();
    begin();
    ASSERT_TRUE(until_replicas(1));
    ASSERT_TRUE(until_more_polls(3));
    EXPECT_EQ(journal_text(), "");
    stop_it();
    EXPECT_TRUE(until_in_journal("start\n"));
}

TEST_F(target, whose_stop_fails_when_it_has_stopped_is_at_zero) {
    settings_.hooks.stop = shell("echo stop >> $JOURNAL; rm -f $UP; exit 1");
    start_it();
    begin();
    ASSERT_TRUE(until_in_journal("stop\n"));
    ASSERT_TRUE(until_replicas(0));
    ASSERT_TRUE(until_more_polls(3));
    EXPECT_EQ(journal_text(), "stop\n");
    EXPECT_EQ(object_->status(clock::now()).last_hook_failure, "stop: exit code 1");
    scaler_.push(true);
    EXPECT_TRUE(until_in_journal("stop\nstart\n"));
}

TEST_F(target, whose_start_fails_when_it_runs_is_kept_for_the_cooldown) {
    settings_.policy.cooldown_period = never;
    settings_.hooks.start = shell("echo start >> $JOURNAL; touch $UP; exit 1");
    scaler_.set_active(true);
    begin();
    ASSERT_TRUE(until_replicas(1));
    scaler_.set_active(false);
    ASSERT_TRUE(until_more_polls(5));
    EXPECT_EQ(journal_text(), "start\n");
    EXPECT_TRUE(object_->status(clock::now()).last_active_age.has_value());
}

TEST_F(target, whose_status_gives_no_clear_answer_is_in_doubt) {
    settings_.hooks.status = shell("exit 4");
    settings_.policy.initial_cooldown_period = never;
    begin();
    ASSERT_TRUE(until_more_polls(3));
    EXPECT_TRUE(state_unknown());
    EXPECT_EQ(journal_text(), "");
    scaler_.push(true);
    ASSERT_TRUE(until_replicas(1));
    EXPECT_FALSE(state_unknown());
}

TEST_F(target, is_not_looked_at_once_its_hook_was_killed) {
    settings_.hooks.status = shell("echo status >> $JOURNAL");
    settings_.hooks.stop = shell("echo stopping >> $JOURNAL; sleep 1000");
    begin();
    ASSERT_TRUE(until_in_journal("stopping"));
    stop();
    object_->kill_hook();
    ASSERT_TRUE(until([this] { return ended_; }));
    EXPECT_EQ(journal_text(), "status\nstopping\n");
}

class target_without_status : public target {
protected:
    target_without_status() { settings_.hooks.status.clear(); }
};

TEST_F(target_without_status, is_started_by_activity_after_a_failed_stop) {
    settings_.hooks.stop = shell("echo stop >> $JOURNAL; exit 1");
    scaler_.set_active(true);
    begin();
    ASSERT_TRUE(until_replicas(1));
    scaler_.set_active(false);
    ASSERT_TRUE(until_in_journal("stop\nstop\n"));
    EXPECT_TRUE(state_unknown());
    scaler_.set_active(true);
    ASSERT_TRUE(until_in_journal("stop\nstart\n"));
    ASSERT_TRUE(until([this] { return !state_unknown(); }));
    ASSERT_TRUE(until_more_polls(3));
    EXPECT_THAT(journal_text(), EndsWith("stop\nstart\n")) << "once is enough";
}

TEST_F(target_without_status, is_stopped_by_inactivity_after_a_failed_start) {
    settings_.hooks.start = shell("echo start >> $JOURNAL; exit 1");
    scaler_.set_active(true);
    begin();
    ASSERT_TRUE(until_in_journal("start\n"));
    scaler_.set_active(false);
    ASSERT_TRUE(until_in_journal("start\nstop\n"));
    ASSERT_TRUE(until([this] { return !state_unknown(); }));
    ASSERT_TRUE(until_more_polls(3));
    EXPECT_THAT(journal_text(), EndsWith("start\nstop\n")) << "once is enough";
}

} // namespace
} // namespace wakegate::actuator
