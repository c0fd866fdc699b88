#include "proxy/status/sleep_explanation.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace wakegate::proxy {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

const time_point now{seconds(10'000)};

/// A ready cluster without demand, as its scaler has reported.
sleep_facts quiet() {
    return {
        .state = gate_state::ready,
        .activity_age = seconds(3),
        .contact = scaler_contact::status_known,
        .status =
            {.answer = scaler_answer::idle,
             .reason = "no demand",
             .scaled_objects = 1,
             .received_at = now - seconds(2)},
        .now = now,
    };
}

TEST(sleep_explanation, tells_when_and_unless_what) {
    auto facts = quiet();
    facts.status.sleeps_at = now + milliseconds(239'500);
    EXPECT_EQ(explain_sleep(facts), "sleeps in 240 s unless a client comes or a session works");
    EXPECT_THAT(awake_reasons(facts), IsEmpty());
    EXPECT_EQ(explain_awake(facts), "");
}

TEST(sleep_explanation, is_never_of_the_past) {
    auto facts = quiet();
    facts.status.sleeps_at = now - seconds(5);
    EXPECT_EQ(explain_sleep(facts), "sleeps in 0 s unless a client comes or a session works");
}

TEST(sleep_explanation, names_recent_activity_as_long_as_its_window_is_open) {
    auto facts = quiet();
    facts.status.answer = scaler_answer::active;
    facts.status.reason = "last activity 1s ago, within activityWindow 1m";
    facts.status.idle_at = now + seconds(57);
    facts.status.sleeps_at = now + seconds(357);
    EXPECT_THAT(awake_reasons(facts), ElementsAre(awake_reason::recent_activity));
    EXPECT_EQ(
        explain_awake(facts),
        "the scaler said 2 s ago: last activity 1s ago, within activityWindow 1m"
    );
    EXPECT_EQ(explain_sleep(facts), "sleeps in 357 s unless a client comes or a session works");
}

TEST(sleep_explanation, takes_no_order_by_hand_for_activity) {
    auto facts = quiet();
    facts.status.answer = scaler_answer::active;
    facts.status.reason = "kept awake by hand for another 8h";
    facts.status.idle_at = now + seconds(8 * 3'600);
    EXPECT_THAT(awake_reasons(facts), ElementsAre(awake_reason::scaler));
    EXPECT_EQ(explain_awake(facts), "the scaler said 2 s ago: kept awake by hand for another 8h");
}

TEST(sleep_explanation, says_that_idle_sessions_do_not_count) {
    auto facts = quiet();
    facts.idle = 2;
    facts.status.sleeps_at = now + seconds(9);
    EXPECT_EQ(
        explain_sleep(facts),
        "sleeps in 9 s unless a client comes or a session works; 2 idle sessions do not count"
    );
}

TEST(sleep_explanation, names_the_cooldown_that_nobody_has_told) {
    auto facts = quiet();
    EXPECT_EQ(
        explain_sleep(facts),
        "sleeps at the end of KEDA's cooldownPeriod, which the trigger's metadata does not tell "
        "unless a client comes or a session works"
    );
    facts.status.answer = scaler_answer::active;
    facts.status.idle_at = now + seconds(57);
    EXPECT_EQ(
        explain_sleep(facts),
        "no demand in 57 s unless a client comes or a session works; then KEDA's cooldownPeriod, "
        "which the trigger's metadata does not tell"
    );
}

TEST(sleep_explanation, names_all_that_keep_it_awake_here) {
    auto facts = quiet();
    facts.held = 1;
    facts.waking = true;
    facts.busy = 2;
    facts.idle = 3;
    facts.status.answer = scaler_answer::active;
    facts.status.reason = "1 held";
    EXPECT_THAT(awake_reasons(facts), ElementsAre(awake_reason::held, awake_reason::busy));
    EXPECT_EQ(explain_sleep(facts), "does not sleep while 1 client is held, 2 sessions are busy");
    facts.count_idle_sessions = true;
    EXPECT_EQ(
        explain_sleep(facts),
        "does not sleep while 1 client is held, 2 sessions are busy, 3 idle sessions count"
    );
}

TEST(sleep_explanation, names_a_wake_that_goes_on_for_nobody) {
    auto facts = quiet();
    facts.state = gate_state::waking;
    facts.waking = true;
    EXPECT_THAT(awake_reasons(facts), ElementsAre(awake_reason::waking));
    EXPECT_EQ(explain_sleep(facts), "does not sleep while it is being woken");
}

TEST(sleep_explanation, gives_the_scalers_reason_for_what_is_not_seen_here) {
    auto facts = quiet();
    facts.status.answer = scaler_answer::active;
    facts.status.reason = "0 held, 2 busy";
    EXPECT_THAT(awake_reasons(facts), ElementsAre(awake_reason::scaler));
    EXPECT_EQ(explain_awake(facts), "the scaler said 2 s ago: 0 held, 2 busy");
    const auto lasting =
        "does not sleep as long as that lasts; the scaler said 2 s ago: 0 held, 2 busy";
    EXPECT_EQ(explain_sleep(facts), lasting);
    facts.state = gate_state::asleep;
    EXPECT_EQ(explain_sleep(facts), lasting) << "this proxy has not looked";
}

TEST(sleep_explanation, gives_the_scalers_doubt) {
    auto facts = quiet();
    facts.status.answer = scaler_answer::unknown;
    facts.status.reason = "1 of 2 proxies reports";
    EXPECT_THAT(awake_reasons(facts), IsEmpty());
    EXPECT_EQ(
        explain_sleep(facts),
        "does not sleep while it is not known what is wanted; the scaler said 2 s ago: 1 of 2 "
        "proxies reports"
    );
}

TEST(sleep_explanation, of_a_cluster_that_sleeps_is_that_it_does) {
    auto facts = quiet();
    facts.state = gate_state::asleep;
    EXPECT_EQ(explain_sleep(facts), "asleep, as far as this proxy knows");
}

TEST(sleep_explanation, says_who_has_not_told) {
    auto facts = quiet();
    facts.contact = scaler_contact::none_configured;
    EXPECT_EQ(explain_sleep(facts), "not known when it sleeps: no scalers are configured");
    facts.contact = scaler_contact::none_connected;
    EXPECT_EQ(explain_sleep(facts), "not known when it sleeps: no scaler is connected");
    facts.contact = scaler_contact::no_status_yet;
    EXPECT_EQ(explain_sleep(facts), "not known when it sleeps: the scaler has not said so yet");
    EXPECT_THAT(awake_reasons(facts), IsEmpty());
    facts.busy = 1;
    EXPECT_EQ(explain_sleep(facts), "does not sleep while 1 session is busy");
}

TEST(sleep_explanation, says_that_nobody_asks_about_the_cluster) {
    auto facts = quiet();
    facts.status.scaled_objects = 0;
    EXPECT_EQ(
        explain_sleep(facts),
        "may be stopped by nobody: no ScaledObject asks the scaler about this cluster; check the "
        "cluster's name in its trigger"
    );
}

} // namespace
} // namespace wakegate::proxy
