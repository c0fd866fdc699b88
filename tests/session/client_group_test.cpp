#include "proxy/cluster/cluster.hpp"
#include "proxy/session/client_group.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace wakegate::proxy {
namespace {

cluster unkept() {
    return {.settings = {}, .traffic = cluster_traffic(1), .gate = nullptr};
}

struct client_group_test : testing::Test {
    client_group_ptr
    group(std::string_view role, std::string_view name, const char* source = "10.0.0.1") {
        return groups.find_or_add(app, role, name, address(source), wake_class::always);
    }

    static ip_address address(const char* text) { return boost::asio::ip::make_address(text); }

    cluster app = unkept();
    cluster other = unkept();
    client_groups groups;
};

TEST_F(client_group_test, are_one_for_clients_that_look_alike) {
    const auto first = group("app", "web");
    EXPECT_EQ(first->role, "app");
    EXPECT_EQ(first->application_name, "web");
    EXPECT_EQ(first->source, address("10.0.0.1"));
    EXPECT_EQ(&first->target, &app);
    EXPECT_EQ(group("app", "web"), first);
    EXPECT_EQ(group("app", "web", "::ffff:10.0.0.1"), first);
    EXPECT_EQ(groups.size(), 1U);
}

TEST_F(client_group_test, differ_in_each_of_their_parts) {
    const auto first = group("app", "web");
    EXPECT_NE(group("cron", "web"), first);
    EXPECT_NE(group("app", "psql"), first);
    EXPECT_NE(group("app", "web", "10.0.0.2"), first);
    const auto source = first->source;
    EXPECT_NE(groups.find_or_add(other, "app", "web", source, wake_class::always), first);
    EXPECT_NE(groups.find_or_add(app, "app", "web", source, wake_class::never), first);
}

TEST_F(client_group_test, keep_of_an_application_name_what_postgres_keeps) {
    const std::string longest(63, 'x');
    EXPECT_EQ(group("app", longest + "yz")->application_name, longest);
    EXPECT_EQ(group("app", longest + "yz"), group("app", longest));
}

TEST_F(client_group_test, go_when_nobody_is_in_them) {
    const auto kept = group("app", "kept");
    for (int i = 0; i < 10'000; ++i) {
        const auto gone = group("app", std::to_string(i));
    }
    EXPECT_LT(groups.size(), 200U);
    EXPECT_EQ(group("app", "kept"), kept);
}

TEST_F(client_group_test, may_be_as_many_as_there_are_sessions) {
    std::vector<client_group_ptr> sessions;
    for (int i = 0; i < 1'000; ++i) {
        sessions.push_back(group("app", std::to_string(i)));
    }
    EXPECT_EQ(groups.size(), 1'000U);
    EXPECT_EQ(group("app", "17"), sessions[17]);
}

TEST(client_group, outlives_the_front_that_made_it) {
    auto app = unkept();
    client_group_ptr left;
    {
        client_groups groups;
        left = groups.find_or_add(app, "app", "web", ip_address(), wake_class::always);
    }
    EXPECT_EQ(left->role, "app");
}

} // namespace
} // namespace wakegate::proxy
