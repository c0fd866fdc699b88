#include "proxy/cluster/cluster.hpp"
#include "proxy/session/held_sessions.hpp"
#include "proxy/session/session_tally.hpp"

#include <gtest/gtest.h>

#include <optional>
#include <string>

namespace wakegate::proxy {
namespace {

struct session_tally_test : testing::Test {
    client_group_ptr group(std::string_view role) {
        return groups.find_or_add(app, role, "web", ip_address(), wake_class::always);
    }

    cluster app{.settings = {}, .traffic = cluster_traffic(1), .gate = nullptr};
    client_groups groups;
    session_tally tally;
    const time_point start{seconds(1'000)};
};

TEST_F(session_tally_test, are_summed_up_by_group_and_by_what_they_do) {
    const auto web = group("web");
    tally.add(web, session_activity::idle, start + seconds(2));
    tally.add(web, session_activity::idle, start + seconds(1));
    tally.add(web, session_activity::idle, start + seconds(3));
    tally.add(web, session_activity::busy, start + seconds(4));
    tally.add(group("cron"), session_activity::held, start);
    ASSERT_EQ(tally.groups().size(), 2U);
    const auto& counts = tally.groups().at(web.get()).counts;
    EXPECT_EQ(counts[session_activity::idle], (session_count{3, start + seconds(1)}));
    EXPECT_EQ(counts[session_activity::busy], (session_count{1, start + seconds(4)}));
    EXPECT_EQ(counts[session_activity::held], session_count());
}

TEST_F(session_tally_test, of_too_many_groups_are_summed_up_by_cluster) {
    const auto first = group("0");
    for (std::size_t i = 0; i < session_tally::most_groups + 10; ++i) {
        tally.add(group(std::to_string(i)), session_activity::busy, start);
    }
    tally.add(first, session_activity::busy, start);
    EXPECT_EQ(tally.groups().size(), session_tally::most_groups);
    EXPECT_EQ(tally.groups().at(first.get()).counts[session_activity::busy].count, 2U);
    EXPECT_EQ(tally.others().at(&app)[session_activity::busy], (session_count{10, start}));
}

TEST_F(session_tally_test, are_held_until_they_are_relayed_or_go) {
    held_sessions held;
    std::optional<held_entry> first(std::in_place);
    held_entry second;
    held.add(*first, group("web"), start);
    held.add(second, group("web"), start + seconds(1));
    const auto count = [&] {
        session_tally now;
        held.add_to(now);
        const auto found = now.groups().find(group("web").get());
        return found == now.groups().end() ? 0 : found->second.counts[session_activity::held].count;
    };
    EXPECT_EQ(count(), 2U);
    second.end();
    second.end();
    EXPECT_EQ(count(), 1U);
    first.reset();
    EXPECT_EQ(count(), 0U);
}

} // namespace
} // namespace wakegate::proxy
