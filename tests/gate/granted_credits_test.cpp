#include "proxy/gate/gate.hpp"
#include "tests/support/gate_script.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace wakegate::proxy {
namespace {

using namespace support;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr credits nothing{};

/// A ready cluster with one session.
gate_script& wake(gate_script& script) {
    script.enter(1);
    script.probe_answers();
    script.decisions();
    script.subject.logged_in(1, script.now);
    return script;
}

TEST(granted_credits, begin_when_the_cluster_is_ready) {
    gate_script script({.max_connections = 10, .release_batch = 4});
    EXPECT_EQ(script.subject.grant_credits(), nothing);
    script.enter(1);
    EXPECT_EQ(script.subject.grant_credits(), nothing);
    script.probe_answers();
    EXPECT_EQ(script.subject.grant_credits(), (credits{.connections = 9, .logins = 3}));
}

TEST(granted_credits, leave_nothing_to_others_until_they_are_reclaimed) {
    gate_script script({.max_connections = 10, .release_batch = 4});
    wake(script);
    const auto granted = script.subject.grant_credits();
    script.enter(2);
    EXPECT_THAT(script.decisions(), IsEmpty());
    script.subject.reclaim(granted);
    script.advance(seconds(0));
    EXPECT_THAT(script.decisions(), ElementsAre(admitted(2)));
}

TEST(granted_credits, counts_what_is_missing_as_sessions) {
    gate_script script({.max_connections = 3, .release_batch = 4});
    wake(script);
    EXPECT_EQ(script.subject.grant_credits(), (credits{.connections = 2, .logins = 4}));
    script.subject.reclaim({.connections = 0, .logins = 2});
    EXPECT_EQ(script.subject.open(), 3U);
    EXPECT_EQ(script.subject.connecting(), 2U);
    script.enter(2);
    EXPECT_THAT(script.decisions(), IsEmpty()) << "all three connections are used";
    script.subject.release({.connections = 0, .logins = 1}, script.now);
    EXPECT_THAT(script.decisions(), IsEmpty());
    script.subject.release({.connections = 1, .logins = 1}, script.now);
    EXPECT_THAT(script.decisions(), ElementsAre(admitted(2)));
}

TEST(granted_credits, stops_while_somebody_waits) {
    gate_script script({.max_connections = 1});
    wake(script);
    script.enter(2);
    EXPECT_EQ(script.subject.grant_credits(), nothing);
    script.subject.release({.connections = 1, .logins = 0}, script.now);
    EXPECT_THAT(script.decisions(), ElementsAre(admitted(2)));
    EXPECT_EQ(script.subject.grant_credits(), nothing) << "the connection is used again";
}

TEST(granted_credits, stops_when_the_proxy_leaves) {
    gate_script script;
    wake(script).subject.drain();
    EXPECT_EQ(script.subject.grant_credits(), nothing);
}

TEST(granted_credits, is_without_bound_where_nobody_knows_one) {
    gate_script script({.release_batch = 64});
    wake(script);
    EXPECT_EQ(script.subject.grant_credits(), (credits{admission_credits::max / 2, 64}));
}

TEST(granted_credits, end_when_the_cluster_is_no_longer_ready) {
    gate_script script({.max_connections = 10, .release_batch = 4});
    wake(script);
    auto left = script.subject.grant_credits();
    --left.connections;
    --left.logins;
    script.subject.reclaim(left);
    script.subject.track(2);
    script.subject.requeue(2, script.now, script.now + seconds(60));
    EXPECT_EQ(script.subject.state(), gate_state::waking);
    EXPECT_EQ(script.subject.open(), 1U);
    EXPECT_EQ(script.subject.connecting(), 0U);
    EXPECT_EQ(script.subject.grant_credits(), nothing);
    script.probe_answers();
    EXPECT_THAT(script.decisions(), ElementsAre(admitted(2)));
}

} // namespace
} // namespace wakegate::proxy
