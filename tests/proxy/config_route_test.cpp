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

std::vector<route> routes_of(const std::string& routes) {
    const support::temporary_file file(fmt::format(
        "listeners: {{main: {{address: 'l:1'}}}}\n"
        "clusters: {{app: {{backend: 'h:1'}}, shop-dev: {{backend: 'h:2'}}, "
        "Shop-PROD: {{backend: 'h:3'}}}}\n"
        "routes: [{}]\n",
        routes
    ));
    return load_proxy_config(file.path()).routes;
}

TEST(config_route, reads_every_key) {
    const auto routes = routes_of(
        "{listener: main, sni: '{client}-{env}.db.example.com', database: 'live*', user: 'etl_*', "
        "cluster: '{client}-{env}', backend: '{client}-{env}.svc:5433', backend_database: "
        "'{client}'}"
    );
    ASSERT_EQ(routes.size(), 1U);
    EXPECT_EQ(routes[0].listener, "main");
    EXPECT_EQ(routes[0].sni, "{client}-{env}.db.example.com");
    EXPECT_EQ(routes[0].database, "live*");
    EXPECT_EQ(routes[0].user, "etl_*");
    EXPECT_EQ(routes[0].cluster, "{client}-{env}");
    EXPECT_EQ(routes[0].backend, (host_port{"{client}-{env}.svc", 5433}));
    EXPECT_EQ(routes[0].backend_database, "{client}");
}

TEST(config_route, binds_names_in_the_name_of_a_listener) {
    const auto routes =
        routes_of("{listener: 'm{rest}', cluster: app, backend_database: '{rest}'}");
    ASSERT_EQ(routes.size(), 1U);
    EXPECT_EQ(routes[0].listener, "m{rest}");
}

TEST(config_route, cuts_names_as_the_server_does_and_no_patterns) {
    const std::string name(63, 'r');
    const auto routes = routes_of(
        fmt::format("{{database: '{0}s', user: '{0}s', cluster: app}}, ", name) +
        fmt::format("{{database: '{0}*', user: '{0}{{x}}', cluster: app}}", name)
    );
    ASSERT_EQ(routes.size(), 2U);
    EXPECT_EQ(routes[0].database, name);
    EXPECT_EQ(routes[0].user, name);
    EXPECT_EQ(routes[1].database, name + "*");
    EXPECT_EQ(routes[1].user, name + "{x}");
}

TEST(config_route, needs_nothing_but_a_cluster) {
    const auto routes = routes_of("{cluster: app}");
    ASSERT_EQ(routes.size(), 1U);
    EXPECT_EQ(routes[0].listener + routes[0].sni + routes[0].database + routes[0].user, "");
    EXPECT_EQ(routes[0].backend, host_port()) << "the cluster's own";
    EXPECT_EQ(routes[0].backend_database, "") << "the client's";
}

TEST(config_route, takes_several_servers_of_one_cluster) {
    const auto routes = routes_of(
        "{database: app_ro, cluster: app, backend: 'replicas:5432', backend_database: app}, "
        "{cluster: app}"
    );
    ASSERT_EQ(routes.size(), 2U);
    EXPECT_EQ(routes[0].backend, (host_port{"replicas", 5432}));
}

struct bad_routes {
    std::string routes;
    std::string complaint;
};

TEST(config_route, names_what_is_wrong_and_where) {
    const std::vector<bad_routes> table = {
        {"{listener: nowhere, cluster: app}", "listener: 'nowhere' is not one of the listeners"},
        {"{database: '{client', cluster: app}", "routes[0].database: "},
        {"{sni: '{client}{env}.example.com', cluster: app}", "routes[0].sni: "},
        {"{database: app, cluster: '{client}-dev'}", "{client} is not bound by listener"},
        {"{cluster: nowhere}", "cluster: 'nowhere' is not one of the clusters"},
        {"{cluster: 'app*'}", "cluster: 'app*' is not one of the clusters"},
        {"{database: '{client}', cluster: '{client}-prod'}",
         "cluster: '{client}-prod' is not the name of any of the clusters"},
        {"{database: '{client}', cluster: '{client}-PROD'}",
         "cluster: '{client}-PROD' is not the name of any of the clusters"},
        {"{cluster: app, backend: nowhere}",
         "backend: 'nowhere' has no port; write HOST:PORT, like nowhere:5432"},
        {"{database: '{client}', cluster: '{client}-dev', backend: '{client}:5432'}",
         "the last label needs a letter of its own"},
        {"{database: '{shard}', cluster: app, backend: '{shard}.svc:5432'}",
         "{shard} is not part of cluster: 'app'"},
        {"{cluster: app, backend_database: '{client}'}", "routes[0].backend_database: "},
    };
    for (const auto& [routes, complaint] : table) {
        const auto failure =
            support::configuration_failure([&] { std::ignore = routes_of(routes); });
        EXPECT_NE(failure.find(complaint), std::string::npos) << routes << ": " << failure;
        EXPECT_NE(failure.find(":3:"), std::string::npos) << failure;
    }
}

} // namespace
} // namespace wakegate::proxy
