#include "tests/support/gate_script.hpp"

#include <gtest/gtest.h>

namespace wakegate::proxy {
namespace {

/// A ready cluster whose next regular probe is an hour away.
class suspicion_test : public ::testing::Test {
protected:
    suspicion_test() {
        script_.probe_answers();
        script_.advance(seconds(10));
    }

    [[nodiscard]] bool is_due() const { return script_.subject.probe_due(script_.now); }

    void server_ends_session() { script_.subject.server_ended_session(script_.now); }

    support::gate_script script_{{.probe_ready_interval = std::chrono::hours(1)}};
};

TEST_F(suspicion_test, a_session_that_the_server_ended_makes_a_probe_due_at_once) {
    EXPECT_FALSE(is_due());
    server_ends_session();
    EXPECT_TRUE(is_due());
    EXPECT_EQ(script_.subject.next_due(), script_.now);
    script_.probe_fails();
    EXPECT_EQ(script_.subject.state(), gate_state::ready) << "a single lost probe says little";
    script_.advance(seconds(1));
    script_.probe_fails();
    EXPECT_EQ(script_.subject.state(), gate_state::asleep);
}

TEST_F(suspicion_test, that_was_unfounded_is_over) {
    server_ends_session();
    script_.probe_answers();
    EXPECT_EQ(script_.subject.state(), gate_state::ready);
    EXPECT_EQ(script_.subject.next_due(), script_.now + std::chrono::hours(1));
}

TEST_F(suspicion_test, many_ends_cost_one_probe_a_second) {
    server_ends_session();
    server_ends_session();
    script_.probe_answers();
    script_.advance(milliseconds(999));
    server_ends_session();
    EXPECT_FALSE(is_due());
    script_.advance(milliseconds(1));
    EXPECT_TRUE(is_due());
}

TEST_F(suspicion_test, an_end_during_a_probe_is_looked_into_afterwards) {
    script_.subject.probe_started(script_.now);
    server_ends_session();
    script_.subject.probe_answered(script_.now, std::nullopt);
    EXPECT_EQ(script_.subject.next_due(), script_.now + seconds(1));
}

TEST_F(suspicion_test, a_cluster_that_is_not_ready_needs_no_suspicion) {
    support::gate_script asleep;
    asleep.subject.server_ended_session(asleep.now);
    EXPECT_EQ(asleep.subject.next_due(), time_point::max());
}

TEST(suspicion, is_looked_into_even_where_a_ready_cluster_is_not_looked_at) {
    support::gate_script script{{.probe_ready_interval = milliseconds(0)}};
    script.probe_answers();
    script.advance(seconds(10));
    EXPECT_EQ(script.subject.next_due(), time_point::max());
    script.subject.server_ended_session(script.now);
    EXPECT_TRUE(script.subject.probe_due(script.now));
}

} // namespace
} // namespace wakegate::proxy
