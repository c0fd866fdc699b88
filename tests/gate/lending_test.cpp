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

/// Awake, and one session is in.
gate_script& wake(gate_script& script) {
    script.enter(1);
    script.probe_answers();
    script.decisions();
    script.subject.logged_in(1, script.now);
    return script;
}

TEST(lending, begins_when_the_cluster_is_ready) {
    gate_script script({.max_connections = 10, .release_batch = 4});
    EXPECT_EQ(script.subject.grant_credits(), nothing);
    script.enter(1);
    EXPECT_EQ(script.subject.grant_credits(), nothing);
    script.probe_answers();
    EXPECT_EQ(script.subject.grant_credits(), (credits{.places = 9, .logins = 3}));
}

TEST(lending, leaves_nothing_for_those_who_ask_until_it_is_taken_back) {
    gate_script script({.max_connections = 10, .release_batch = 4});
    wake(script);
    const auto lent = script.subject.grant_credits();
    script.enter(2);
    EXPECT_THAT(script.decisions(), IsEmpty());
    script.subject.reclaim(lent);
    script.advance(seconds(0));
    EXPECT_THAT(script.decisions(), ElementsAre(admitted(2)));
}

TEST(lending, counts_what_is_missing_as_sessions) {
    gate_script script({.max_connections = 3, .release_batch = 4});
    wake(script);
    EXPECT_EQ(script.subject.grant_credits(), (credits{.places = 2, .logins = 4}));
    script.subject.reclaim({.places = 0, .logins = 2});
    EXPECT_EQ(script.subject.open(), 3U);
    EXPECT_EQ(script.subject.dialling(), 2U);
    script.enter(2);
    EXPECT_THAT(script.decisions(), IsEmpty()) << "all three places are taken";
    script.subject.release({.places = 0, .logins = 1}, script.now);
    EXPECT_THAT(script.decisions(), IsEmpty());
    script.subject.release({.places = 1, .logins = 1}, script.now);
    EXPECT_THAT(script.decisions(), ElementsAre(admitted(2)));
}

TEST(lending, stops_while_somebody_waits) {
    gate_script script({.max_connections = 1});
    wake(script);
    script.enter(2);
    EXPECT_EQ(script.subject.grant_credits(), nothing);
    script.subject.release({.places = 1, .logins = 0}, script.now);
    EXPECT_THAT(script.decisions(), ElementsAre(admitted(2)));
    EXPECT_EQ(script.subject.grant_credits(), nothing) << "the place is taken again";
}

TEST(lending, stops_when_the_proxy_leaves) {
    gate_script script;
    wake(script).subject.drain();
    EXPECT_EQ(script.subject.grant_credits(), nothing);
}

TEST(lending, is_without_bound_where_nobody_knows_one) {
    gate_script script({.release_batch = 64});
    wake(script);
    EXPECT_EQ(script.subject.grant_credits(), (credits{admission_credits::most / 2, 64}));
}

TEST(lending, ends_with_the_belief_that_the_cluster_is_ready) {
    gate_script script({.max_connections = 10, .release_batch = 4});
    wake(script);
    auto left = script.subject.grant_credits();
    --left.places;
    --left.logins;
    script.subject.reclaim(left);
    script.subject.track(2);
    script.subject.requeue(2, script.now, script.now + seconds(60));
    EXPECT_EQ(script.subject.state(), gate_state::waking);
    EXPECT_EQ(script.subject.open(), 1U);
    EXPECT_EQ(script.subject.dialling(), 0U);
    EXPECT_EQ(script.subject.grant_credits(), nothing);
    script.probe_answers();
    EXPECT_THAT(script.decisions(), ElementsAre(admitted(2)));
}

} // namespace
} // namespace wakegate::proxy
