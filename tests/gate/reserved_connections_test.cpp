#include "proxy/gate/gate.hpp"
#include "tests/support/gate_script.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace wakegate::proxy {
namespace {

using namespace support;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

/// Two connections are for everybody, and two more for reserved roles.
constexpr server_capacity capacity{.ordinary = 3, .reserved = 1};

gate_settings with_headroom(gate_settings settings = {}) {
    settings.connection_headroom = 1;
    return settings;
}

/// Awake, with two sessions and a client that waits: tickets 1 to 3.
gate_script& fill(gate_script& script) {
    script.enter(1);
    script.enter(2);
    script.probe_answers(capacity);
    script.subject.logged_in(1, script.now);
    script.subject.logged_in(2, script.now);
    script.enter(3);
    script.decisions();
    return script;
}

TEST(reserved_connections, are_used_at_once_when_all_others_are_taken) {
    gate_script script(with_headroom());
    fill(script);
    script.enter_reserved(4);
    script.enter_reserved(5);
    EXPECT_THAT(script.decisions(), ElementsAre(admitted(4), admitted(5)));
    EXPECT_EQ(script.subject.open(), 4U);
}

TEST(reserved_connections, end_at_the_servers_own_bound) {
    gate_script script(with_headroom());
    fill(script);
    script.enter_reserved(4);
    script.enter_reserved(5);
    script.decisions();
    script.enter_reserved(6, seconds(1));
    script.enter_reserved(7);
    EXPECT_EQ(script.subject.cause_of_hold(connection_kind::reserved), hold_cause::full);
    script.advance(seconds(1));
    EXPECT_THAT(script.decisions(), ElementsAre(refused_as_full(6, 4)));
    script.subject.closed(4, script.now);
    EXPECT_THAT(script.decisions(), ElementsAre(admitted(7)));
}

TEST(reserved_connections, are_no_others_when_they_are_free_again) {
    gate_script script(with_headroom());
    fill(script);
    script.enter_reserved(4);
    script.decisions();
    script.subject.closed(4, script.now);
    EXPECT_THAT(script.decisions(), IsEmpty()) << "3 waits for an ordinary one";
    script.subject.closed(1, script.now);
    EXPECT_THAT(script.decisions(), ElementsAre(admitted(3)));
}

TEST(reserved_connections, give_no_precedence_while_ordinary_ones_are_free) {
    gate_script script(with_headroom());
    script.enter(1);
    script.enter_reserved(2);
    script.enter(3);
    script.probe_answers(capacity);
    EXPECT_THAT(script.decisions(), ElementsAre(admitted(1), admitted(2)));
}

TEST(reserved_connections, are_used_by_those_who_waited_for_the_wake) {
    gate_script script(with_headroom());
    script.enter(1);
    script.enter(2);
    script.enter(3);
    script.enter_reserved(4);
    script.probe_answers(capacity);
    EXPECT_THAT(script.decisions(), ElementsAre(admitted(1), admitted(2), admitted(4)));
}

TEST(reserved_connections, are_had_past_a_full_queue) {
    gate_script script(with_headroom({.max_waiting = 2}));
    fill(script);
    script.enter(4);
    script.enter(5);
    script.enter_reserved(6);
    EXPECT_THAT(script.decisions(), ElementsAre(refused(5, gate_error::queue_full), admitted(6)));
}

TEST(reserved_connections, are_had_where_others_are_refused_at_once) {
    gate_script script(with_headroom({.refuse_when_full = true}));
    fill(script);
    script.enter_reserved(4);
    script.enter_reserved(5);
    script.enter_reserved(6);
    EXPECT_THAT(script.decisions(), ElementsAre(admitted(4), admitted(5), refused_as_full(6, 4)));
}

TEST(reserved_connections, take_their_turn_among_the_logins) {
    gate_script script(with_headroom({.release_batch = 1}));
    script.enter(1);
    script.enter_reserved(2);
    script.probe_answers(capacity);
    EXPECT_THAT(script.decisions(), ElementsAre(admitted(1)));
    EXPECT_EQ(script.subject.cause_of_hold(connection_kind::reserved), hold_cause::logins);
    script.subject.logged_in(1, script.now);
    EXPECT_THAT(script.decisions(), ElementsAre(admitted(2)));
}

TEST(reserved_connections, are_waited_for_again_by_one_that_comes_back) {
    gate_script script(with_headroom());
    fill(script);
    script.enter_reserved(4);
    script.decisions();
    const auto deadline = script.now + seconds(60);
    script.subject.requeue(4, script.now, deadline, connection_kind::reserved);
    script.probe_answers(capacity);
    EXPECT_THAT(script.decisions(), ElementsAre(admitted(4)));
}

TEST(reserved_connections, do_not_exist_below_a_configured_bound) {
    gate_script script({.max_connections = 2});
    fill(script);
    script.enter_reserved(4);
    EXPECT_THAT(script.decisions(), IsEmpty());
}

} // namespace
} // namespace wakegate::proxy
