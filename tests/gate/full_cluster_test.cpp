#include "proxy/gate/gate.hpp"
#include "tests/support/gate_script.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace wakegate::proxy {
namespace {

using namespace support;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

/// A ready cluster with this many open sessions: tickets from 1.
gate_script& open_sessions(gate_script& script, ticket count) {
    for (ticket id = 1; id <= count; ++id) {
        script.enter(id);
    }
    script.probe_answers(server_capacity{.ordinary = 7, .reserved = 3});
    for (ticket id = 1; id <= count; ++id) {
        script.subject.logged_in(id, script.now);
    }
    script.decisions();
    return script;
}

TEST(full_cluster, is_what_one_hears_whose_deadline_passes) {
    gate_script script({.max_connections = 2});
    open_sessions(script, 2);
    script.enter(3, seconds(1));
    EXPECT_THAT(script.decisions(), IsEmpty());
    script.advance(seconds(1));
    EXPECT_THAT(script.decisions(), ElementsAre(refused_as_full(3, 2)));
    EXPECT_EQ(script.subject.state(), gate_state::ready);
}

TEST(full_cluster, is_told_with_the_learned_number) {
    gate_script script({.connection_headroom = 5});
    open_sessions(script, 2);
    script.enter(3, seconds(0));
    script.advance(seconds(0));
    EXPECT_THAT(script.decisions(), ElementsAre(refused_as_full(3, 2)));
}

TEST(full_cluster, is_what_one_hears_who_defers_as_well) {
    gate_script script({.max_connections = 1});
    open_sessions(script, 1);
    script.enter_if_ready(2, seconds(1));
    script.advance(seconds(1));
    EXPECT_THAT(script.decisions(), ElementsAre(refused_as_full(2, 1)));
}

TEST(full_cluster, lets_the_next_in_when_a_connection_is_free_in_time) {
    gate_script script({.max_connections = 1});
    open_sessions(script, 1);
    script.enter(2);
    script.subject.closed(1, script.now);
    EXPECT_THAT(script.decisions(), ElementsAre(admitted(2)));
}

TEST(full_cluster, refuses_at_once_where_nobody_is_to_wait) {
    gate_script script({.max_connections = 1, .refuse_when_full = true});
    open_sessions(script, 1);
    script.enter(2);
    script.enter_if_ready(3);
    EXPECT_THAT(script.decisions(), ElementsAre(refused_as_full(2, 1), refused_as_full(3, 1)));
    EXPECT_EQ(script.queue_limit.waiting, 0U);
    script.subject.closed(1, script.now);
    script.enter(4);
    EXPECT_THAT(script.decisions(), ElementsAre(admitted(4)));
}

TEST(full_cluster, refuses_those_whom_it_can_not_take_when_it_wakes) {
    gate_script script({.max_connections = 1, .refuse_when_full = true});
    script.enter(1);
    script.enter(2);
    EXPECT_THAT(script.decisions(), IsEmpty()) << "nothing is known of its connections yet";
    script.probe_answers();
    EXPECT_THAT(script.decisions(), ElementsAre(admitted(1), refused_as_full(2, 1)));
}

TEST(full_cluster, does_not_refuse_who_waits_for_a_login_alone) {
    gate_script script({.max_connections = 3, .refuse_when_full = true, .release_batch = 1});
    script.enter(1);
    script.enter(2);
    script.probe_answers();
    EXPECT_THAT(script.decisions(), ElementsAre(admitted(1)));
    script.subject.logged_in(1, script.now);
    EXPECT_THAT(script.decisions(), ElementsAre(admitted(2)));
}

} // namespace
} // namespace wakegate::proxy
