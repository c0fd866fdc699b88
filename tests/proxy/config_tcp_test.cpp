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

proxy_config load(const std::string& listener, const std::string& cluster) {
    const support::temporary_file file(fmt::format(
        "listeners: {{main: {{address: 'l:1', tcp: {{{}}}}}}}\n"
        "clusters: {{app: {{backend: 'h:2', tcp: {{{}}}}}}}\n",
        listener,
        cluster
    ));
    return load_proxy_config(file.path());
}

TEST(config_tcp, has_defaults_for_both_legs) {
    const auto config = load("", "");
    EXPECT_EQ(config.listeners.at(0).tcp, tcp_timeouts());
    EXPECT_EQ(config.clusters.at(0).settings.endpoint.tcp, tcp_timeouts());
}

TEST(config_tcp, is_read_for_each_leg) {
    const auto config = load(
        "keepalives_idle: 5s, keepalives_interval: 2s, keepalives_count: 4, user_timeout: 1500ms",
        "keepalives_idle: 0s, keepalives_interval: 0s, keepalives_count: 0, user_timeout: 0s"
    );
    const tcp_timeouts of_clients{
        .keepalives_idle = seconds(5),
        .keepalives_interval = seconds(2),
        .keepalives_count = 4,
        .user_timeout = milliseconds(1500),
    };
    EXPECT_EQ(config.listeners.at(0).tcp, of_clients);
    const tcp_timeouts the_kernels{
        .keepalives_idle = seconds(0),
        .keepalives_interval = seconds(0),
        .keepalives_count = 0,
        .user_timeout = milliseconds(0),
    };
    EXPECT_EQ(config.clusters.at(0).settings.endpoint.tcp, the_kernels);
}

TEST(config_tcp, knows_its_shortest_user_timeout) {
    EXPECT_EQ(shortest_user_timeout(load("user_timeout: 9s", "user_timeout: 8s")), seconds(8));
    EXPECT_EQ(shortest_user_timeout(load("user_timeout: 9s", "user_timeout: 0s")), seconds(9));
    EXPECT_EQ(shortest_user_timeout(load("user_timeout: 0s", "user_timeout: 0s")), seconds(0));
}

struct bad_timeouts {
    std::string keys;
    std::string complaint;
};

TEST(config_tcp, names_what_is_wrong_and_the_remedy) {
    const std::vector<bad_timeouts> table = {
        {"keepalives_idle: 500ms", "tcp.keepalives_idle: must be between 1s and 32767s"},
        {"keepalives_idle: 32768s", "tcp.keepalives_idle: must be between 1s and 32767s"},
        {"keepalives_interval: 1500ms", "tcp.keepalives_interval: must be in whole seconds"},
        {"keepalives_count: 128", "tcp.keepalives_count: "},
        {"user_timeout: 999ms", "tcp.user_timeout: must be between 1s and 86400s"},
        {"user_timeout: 25h", "tcp.user_timeout: "},
    };
    for (const auto& [keys, complaint] : table) {
        const auto of_listener =
            support::configuration_failure([&] { std::ignore = load(keys, ""); });
        EXPECT_NE(of_listener.find("listeners.main." + complaint), std::string::npos)
            << keys << ": " << of_listener;
        const auto of_cluster =
            support::configuration_failure([&] { std::ignore = load("", keys); });
        EXPECT_NE(of_cluster.find("clusters.app." + complaint), std::string::npos)
            << keys << ": " << of_cluster;
    }
}

} // namespace
} // namespace wakegate::proxy
