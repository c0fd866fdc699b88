#include "proxy/gate/gate.hpp"
#include "tests/support/gate_script.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace wakegate::proxy {
namespace {

using namespace support;
using ::testing::ElementsAre;

constexpr milliseconds patience(10);

hold_cause cause_in(const gate_script& script) {
    return script.subject.cause_of_hold(connection_kind::ordinary);
}

/// A client is requeued although the server answers probes.
gate_script& requeue_client(gate_script& script) {
    script.enter(1);
    script.probe_answers();
    script.decisions();
    script.subject.requeue(1, script.now, script.now + patience);
    return script;
}

TEST(hold_cause, is_a_wake_as_long_as_nothing_answers) {
    gate_script script;
    script.enter(1, patience);
    EXPECT_EQ(cause_in(script), hold_cause::waking);
    script.probe_fails();
    EXPECT_EQ(cause_in(script), hold_cause::waking);
    script.advance(patience);
    EXPECT_THAT(script.decisions(), ElementsAre(refused(1, gate_error::hold_timeout)));
}

TEST(hold_cause, is_a_server_that_answers_probes_and_no_logins) {
    gate_script script;
    requeue_client(script);
    EXPECT_EQ(cause_in(script), hold_cause::turned_away);
    script.advance(patience);
    EXPECT_THAT(script.decisions(), ElementsAre(refused(1, gate_error::turned_away)));
}

TEST(hold_cause, is_a_wake_again_when_that_server_is_gone) {
    gate_script script;
    requeue_client(script);
    script.probe_fails();
    EXPECT_EQ(cause_in(script), hold_cause::waking);
    script.advance(patience);
    EXPECT_THAT(script.decisions(), ElementsAre(refused(1, gate_error::hold_timeout)));
}

TEST(hold_cause, is_a_server_that_does_not_let_the_probe_log_in) {
    gate_script script;
    script.enter(1, patience);
    script.probe_is_refused();
    EXPECT_EQ(cause_in(script), hold_cause::unconfirmed);
    script.advance(patience);
    EXPECT_THAT(script.decisions(), ElementsAre(refused(1, gate_error::unconfirmed)));
}

TEST(hold_cause, is_a_wake_again_when_nobody_refuses_the_probe_any_more) {
    gate_script script;
    script.enter(1, patience);
    script.probe_is_refused();
    script.probe_fails();
    EXPECT_EQ(cause_in(script), hold_cause::waking);
}

TEST(hold_cause, is_the_logins_under_way_while_connections_are_free) {
    gate_script script({.max_connections = 2, .release_batch = 1});
    script.enter(1);
    script.enter(2, patience);
    script.probe_answers();
    EXPECT_EQ(cause_in(script), hold_cause::logins);
    script.advance(patience);
    EXPECT_THAT(script.decisions(), ElementsAre(admitted(1), refused(2, gate_error::logins)));
}

TEST(hold_cause, is_the_lack_of_connections_first) {
    gate_script script({.max_connections = 1, .release_batch = 1});
    script.enter(1);
    script.enter(2, patience);
    script.probe_answers();
    EXPECT_EQ(cause_in(script), hold_cause::full) << "the end of the login would not help";
    script.advance(patience);
    EXPECT_THAT(script.decisions(), ElementsAre(admitted(1), refused_as_full(2, 1)));
}

TEST(hold_cause, of_a_wake_is_also_that_no_scaler_or_no_scaled_object_knows_of_it) {
    const auto waking = hold_cause::waking;
    EXPECT_EQ(with_channel(waking, wake_channel::open), hold_cause::waking);
    EXPECT_EQ(with_channel(waking, wake_channel::no_scaled_object), hold_cause::no_scaled_object);
    EXPECT_EQ(with_channel(waking, wake_channel::no_scaler), hold_cause::no_scaler);
    EXPECT_EQ(timeout_error(hold_cause::no_scaled_object), gate_error::no_scaled_object);
    EXPECT_EQ(timeout_error(hold_cause::no_scaler), gate_error::no_scaler);
}

TEST(hold_cause, of_a_server_that_is_there_has_nothing_to_do_with_scalers) {
    using enum hold_cause;
    for (const auto cause : {turned_away, unconfirmed, full, logins}) {
        EXPECT_EQ(with_channel(cause, wake_channel::no_scaler), cause) << to_string(cause);
    }
}

TEST(hold_cause, has_a_name_for_the_log) {
    EXPECT_EQ(to_string(hold_cause::waking), "waking");
    EXPECT_EQ(to_string(hold_cause::no_scaled_object), "no_scaled_object");
    EXPECT_EQ(to_string(hold_cause::no_scaler), "no_scaler");
    EXPECT_EQ(to_string(hold_cause::turned_away), "turned_away");
    EXPECT_EQ(to_string(hold_cause::unconfirmed), "unconfirmed");
    EXPECT_EQ(to_string(hold_cause::full), "full");
    EXPECT_EQ(to_string(hold_cause::logins), "logins");
}

} // namespace
} // namespace wakegate::proxy
