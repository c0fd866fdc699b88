#include "proxy/route/wake_class.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace wakegate::proxy {
namespace {

struct client_case {
    const char* name;
    std::string role;
    std::string application_name;
    std::string source; ///< empty: unknown
    wake_class expected;
};

const wake_rules rules({
    {.role = "exporter", .result = wake_class::never},
    {.application_name = "pgAdmin*", .result = wake_class::defer},
    {.role = "ops_*",
     .networks = {*cidr::parse("10.8.0.0/16"), *cidr::parse("2001:db8::/32")},
     .result = wake_class::always},
    {.role = "ops_*", .result = wake_class::never},
    {.networks = {*cidr::parse("10.0.0.0/8")}, .result = wake_class::always},
    {.networks = {*cidr::parse("0.0.0.0/0"), *cidr::parse("::/0")}, .result = wake_class::defer},
});

class wake_class_clients : public testing::TestWithParam<client_case> {};

TEST_P(wake_class_clients, get_what_the_first_rule_gives) {
    const auto& tested = GetParam();
    wake_request client{.role = tested.role, .application_name = tested.application_name};
    if (!tested.source.empty()) {
        client.source = boost::asio::ip::make_address(tested.source);
    }
    EXPECT_EQ(rules.classify(client), tested.expected);
}

INSTANTIATE_TEST_SUITE_P(
    wake_class,
    wake_class_clients,
    testing::ValuesIn(std::vector<client_case>{
        {"by_role", "exporter", "", "10.0.0.1", wake_class::never},
        {"role_of_another_case", "Exporter", "", "10.0.0.1", wake_class::always},
        {"by_application", "ann", "pgAdmin 4 - DB:app", "10.0.0.1", wake_class::defer},
        {"role_goes_first", "exporter", "pgAdmin 4", "10.0.0.1", wake_class::never},
        {"role_and_network", "ops_bob", "psql", "10.8.1.2", wake_class::always},
        {"role_and_the_other_network", "ops_bob", "psql", "2001:db8::7", wake_class::always},
        {"role_from_elsewhere", "ops_bob", "psql", "192.0.2.1", wake_class::never},
        {"role_from_nowhere", "ops_bob", "psql", "", wake_class::never},
        {"by_network", "ann", "psql", "10.200.0.1", wake_class::always},
        {"by_network_of_a_mapped_address", "ann", "psql", "::ffff:10.1.1.1", wake_class::always},
        {"from_the_internet", "ann", "psql", "192.0.2.1", wake_class::defer},
        {"from_nowhere", "ann", "psql", "", wake_class::always},
    }),
    [](const auto& tested) { return tested.param.name; }
);

TEST(wake_class, everybody_wakes_where_nothing_is_said) {
    EXPECT_EQ(wake_rules().classify({.role = "ann"}), wake_class::always);
    EXPECT_EQ(wake_rules({}, wake_class::defer).classify({.role = "ann"}), wake_class::defer);
}

TEST(wake_class, only_always_wakes_and_never_does_not_count) {
    EXPECT_TRUE(may_wake(wake_class::always) && keeps_awake(wake_class::always));
    EXPECT_TRUE(!may_wake(wake_class::defer) && keeps_awake(wake_class::defer));
    EXPECT_TRUE(!may_wake(wake_class::never) && !keeps_awake(wake_class::never));
}

} // namespace
} // namespace wakegate::proxy
