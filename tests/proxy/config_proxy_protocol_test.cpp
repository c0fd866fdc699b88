#include "proxy/config/proxy_config.hpp"
#include "tests/support/configuration_failure.hpp"
#include "tests/support/temporary_file.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <string>
#include <tuple>
#include <vector>

namespace wakegate::proxy {
namespace {

using mode = proxy_protocol_mode;

proxy_protocol_policy rules_of(const std::string& keys) {
    const support::temporary_file file(fmt::format(
        "listeners: {{main: {{address: 'l:1', proxy_protocol: {{{}}}}}}}\n"
        "clusters: {{app: {{backend: 'h:2'}}}}\n",
        keys
    ));
    return load_proxy_config(file.path()).listeners.at(0).proxy_protocol;
}

TEST(config_proxy_protocol, is_off_by_default) {
    EXPECT_EQ(rules_of("").mode, mode::off);
    EXPECT_EQ(rules_of("mode: off").mode, mode::off);
    EXPECT_EQ(rules_of("mode: off, trusted: [10.0.0.0/8]").mode, mode::off);
    EXPECT_EQ(rules_of("trusted: []").mode, mode::off);
}

TEST(config_proxy_protocol, reads_who_is_trusted) {
    const auto rules = rules_of("mode: required, trusted: [10.0.0.0/8, '::1', 192.0.2.7]");
    EXPECT_EQ(rules.mode, mode::required);
    EXPECT_TRUE(rules.trusts(ip_address::from_string("10.9.8.7")));
    EXPECT_TRUE(rules.trusts(ip_address::from_string("::1")));
    EXPECT_TRUE(rules.trusts(ip_address::from_string("::ffff:192.0.2.7")));
    EXPECT_FALSE(rules.trusts(ip_address::from_string("192.0.2.8")));
    EXPECT_EQ(rules_of("mode: optional, trusted: [10.0.0.1]").mode, mode::optional);
}

struct bad_rules {
    std::string keys;
    std::string complaint;
};

TEST(config_proxy_protocol, names_what_is_wrong_and_the_remedy) {
    const std::vector<bad_rules> table = {
        {"mode: on", "'on' is none of: off, optional, required"},
        {"mode: required", "trusted: whose headers are believed?"},
        {"mode: optional, trusted: []", "trusted: whose headers are believed?"},
        {"trusted: [10.0.0.0/8]", "mode: needed with trusted"},
        {"mode: required, trusted: [10.0.0.1/8]", "'10.0.0.1/8' is no network"},
        {"mode: required, trusted: [lb.example.com]", "'lb.example.com' is no network"},
    };
    for (const auto& [keys, complaint] : table) {
        const auto failure = support::configuration_failure([&] { std::ignore = rules_of(keys); });
        EXPECT_NE(failure.find(complaint), std::string::npos) << keys << ": " << failure;
        EXPECT_NE(failure.find("listeners.main.proxy_protocol."), std::string::npos) << failure;
    }
}

cluster_settings cluster_of(const std::string& keys) {
    const support::temporary_file file(fmt::format(
        "listeners: {{main: {{address: 'l:1'}}}}\nclusters: {{app: {{backend: 'h:2', {}}}}}\n", keys
    ));
    return load_proxy_config(file.path()).clusters.at(0).settings;
}

TEST(config_proxy_protocol, tells_servers_of_clients_when_asked_to) {
    EXPECT_FALSE(cluster_of("connect_timeout: 1s").endpoint.send_proxy_header);
    EXPECT_FALSE(cluster_of("proxy_protocol: none").endpoint.send_proxy_header);
    EXPECT_TRUE(cluster_of("proxy_protocol: v2, probe: {address: 'h:3'}").endpoint.send_proxy_header
    );
}

TEST(config_proxy_protocol, knows_that_the_probe_sends_no_header) {
    for (const auto* const keys :
         {"proxy_protocol: v2", "proxy_protocol: v2, probe: {address: 'h:2'}"}) {
        const auto failure =
            support::configuration_failure([&] { std::ignore = cluster_of(keys); });
        EXPECT_NE(failure.find("proxy_protocol: the probe sends no header"), std::string::npos)
            << failure;
    }
}

TEST(config_proxy_protocol, knows_that_auth_query_sends_no_header) {
    const auto failure = support::configuration_failure([&] {
        std::ignore = cluster_of("proxy_protocol: v2, probe: {address: 'h:3'}, auth: scram, "
                                 "auth_query: {user: auth, address: 'h:2'}");
    });
    EXPECT_NE(failure.find("proxy_protocol: auth_query sends no header"), std::string::npos)
        << failure;
}

} // namespace
} // namespace wakegate::proxy
