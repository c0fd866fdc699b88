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

using support::temporary_file;

proxy_config loaded(const std::string& cluster, const std::string& routes = "[]") {
    const temporary_file file(fmt::format(
        "listeners: {{main: {{address: '127.0.0.1:1'}}}}\n"
        "clusters: {{app: {{backend: 'h:1', {}}}}}\n"
        "routes: {}\n",
        cluster,
        routes
    ));
    return load_proxy_config(file.path());
}

std::string failure_of(const std::string& cluster, const std::string& routes = "[]") {
    return support::configuration_failure([&] { std::ignore = loaded(cluster, routes); });
}

TEST(login_configuration, is_passthrough_unless_it_says_otherwise) {
    EXPECT_EQ(loaded("connect_timeout: 1s").clusters.at(0).settings.roles, nullptr);
    EXPECT_EQ(loaded("auth: passthrough").clusters.at(0).settings.roles, nullptr);
}

TEST(login_configuration, reads_roles_from_a_userlist) {
    const temporary_file userlist("\"ann\" \"secret\"\n; a comment\n\"ben\" \"other\"\n");
    const auto config =
        loaded(fmt::format("auth: scram, userlist: '{}', notice_after: 3s", userlist.path()));
    const auto& settings = config.clusters.at(0).settings;
    ASSERT_NE(settings.roles, nullptr);
    EXPECT_EQ(settings.roles->size(), 2U);
    EXPECT_NE(settings.roles->find("ann"), nullptr);
    EXPECT_EQ(settings.notice_after, seconds(3));
}

struct bad_login {
    std::string cluster;
    std::string complaint;
};

TEST(login_configuration, names_what_is_wrong_and_the_remedy) {
    const temporary_file md5("\"ann\" \"secret\"\n\"ben\" \"md5" + std::string(32, 'a') + "\"\n");
    const std::vector<bad_login> table = {
        {"auth: srcam", "'srcam'"},
        {"auth: scram", "scram needs either userlist: FILE or secret_directory: DIRECTORY"},
        {"auth: scram, userlist: a, secret_directory: b", "scram needs either"},
        {"userlist: a", "is read with auth: scram only"},
        {"secret_directory: a", "is read with auth: scram only"},
        {"auth: scram, userlist: /nowhere/userlist.txt", "/nowhere/userlist.txt"},
        {"auth: scram, secret_directory: /nowhere/secrets", "/nowhere/secrets"},
        {"auth: scram, userlist: '" + md5.path() + "'", md5.path() + ":2: "},
    };
    for (const auto& [cluster, complaint] : table) {
        const auto failure = failure_of(cluster);
        EXPECT_NE(failure.find(complaint), std::string::npos) << cluster << ": " << failure;
    }
}

TEST(route_configuration, takes_users_and_names_in_braces) {
    const auto config = loaded(
        "connect_timeout: 1s",
        "[{user: 'etl_*', cluster: app}, {database: '{client}_db', cluster: '{client}-dev'}]"
    );
    ASSERT_EQ(config.routes.size(), 2U);
    EXPECT_EQ(config.routes[0].user, "etl_*");
    EXPECT_EQ(config.routes[1].cluster, "{client}-dev");
}

TEST(route_configuration, names_what_is_wrong_with_a_pattern_and_where) {
    const std::vector<bad_login> table = {
        {"[{database: '{client', cluster: app}]", "database"},
        {"[{database: 'app', cluster: '{client}-dev'}]", "cluster"},
        {"[{database: 'app', cluster: 'nowhere'}]", "'nowhere' is not one of the clusters"},
    };
    for (const auto& [routes, complaint] : table) {
        const auto failure = failure_of("connect_timeout: 1s", routes);
        EXPECT_NE(failure.find(complaint), std::string::npos) << failure;
        EXPECT_NE(failure.find(":3:"), std::string::npos) << failure;
    }
}

} // namespace
} // namespace wakegate::proxy
