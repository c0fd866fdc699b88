#include "proxy/config/proxy_config.hpp"
#include "tests/support/configuration_failure.hpp"
#include "tests/support/temporary_file.hpp"
#include "tests/support/temporary_folder.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <tuple>
#include <vector>

namespace wakegate::proxy {
namespace {

using support::temporary_file;

const std::string cache = "verifier_cache: /var/lib/wakegate/verifiers\n";

proxy_config loaded(const std::string& cluster, const std::string& top = cache) {
    const temporary_file file(fmt::format(
        "listeners: {{main: {{address: '127.0.0.1:1'}}}}\n"
        "{}"
        "clusters: {{app: {{backend: 'h:1', {}}}}}\n",
        top,
        cluster
    ));
    return load_proxy_config(file.path());
}

TEST(config_verifiers, asks_the_probed_server_unless_it_says_otherwise) {
    const auto config =
        loaded("auth: scram, auth_query: {user: auth}, probe: {address: 'h:2', user: m, "
               "system_identifier: '4711'}");
    EXPECT_EQ(config.verifier_cache, "/var/lib/wakegate/verifiers");
    const auto& verifiers = config.clusters.at(0).verifiers;
    ASSERT_TRUE(verifiers && verifiers->query);
    EXPECT_EQ(verifiers->query->address, (host_port{"h", 2}));
    EXPECT_EQ(verifiers->query->user, "auth");
    EXPECT_EQ(verifiers->query->database, "postgres");
    EXPECT_EQ(verifiers->query->query, default_auth_query);
    EXPECT_EQ(verifiers->query->system_identifier, "4711");
    EXPECT_EQ(verifiers->query->timeout, seconds(5));
    EXPECT_EQ(verifiers->refresh_interval, seconds(300));
    EXPECT_EQ(verifiers->max_age, seconds(0));
    EXPECT_EQ(verifiers->roles, config.clusters.at(0).settings.roles);
}

TEST(config_verifiers, takes_what_it_is_given) {
    const temporary_file password("secret\n");
    const auto config = loaded(fmt::format(
        "auth: scram, auth_query: {{user: auth, password_file: '{}', address: 'a:3', database: d, "
        "query: 'SELECT * FROM wakegate.roles()', refresh_interval: 1m, max_age: 2m, timeout: 2s}}",
        password.path()
    ));
    const auto& verifiers = config.clusters.at(0).verifiers;
    EXPECT_EQ(verifiers->query->address, (host_port{"a", 3}));
    EXPECT_EQ(verifiers->query->password_file, password.path());
    EXPECT_EQ(verifiers->query->database, "d");
    EXPECT_EQ(verifiers->query->query, "SELECT * FROM wakegate.roles()");
    EXPECT_EQ(verifiers->query->timeout, seconds(2));
    EXPECT_EQ(verifiers->refresh_interval, seconds(60));
    EXPECT_EQ(verifiers->max_age, seconds(120));
}

TEST(config_verifiers, may_stand_beside_a_userlist) {
    const temporary_file userlist("\"ann\" \"secret\"\n");
    const auto config = loaded(
        fmt::format("auth: scram, userlist: '{}', auth_query: {{user: auth}}", userlist.path())
    );
    EXPECT_NE(config.clusters.at(0).settings.roles->find("ann"), nullptr);
    EXPECT_TRUE(config.clusters.at(0).verifiers->query);
}

TEST(config_verifiers, warns_of_a_cache_that_could_not_be_written) {
    const auto warnings = [](const std::string& path) {
        const auto top = "verifier_cache: " + path + "\nscalers: ['s:1']\n";
        return loaded("auth: scram, auth_query: {user: auth}", top).warnings;
    };
    const support::temporary_folder folder;
    EXPECT_TRUE(warnings(folder.file("verifiers")).empty());
    EXPECT_TRUE(std::filesystem::is_empty(folder.path())) << "nothing is left behind";
    const auto found = warnings(folder.file("missing/verifiers"));
    ASSERT_EQ(found.size(), 1U);
    EXPECT_NE(found.front().place.find(":2:17"), std::string::npos) << found.front().place;
    EXPECT_NE(found.front().text.find("make it, for the user"), std::string::npos);
}

struct bad_query {
    std::string cluster;
    std::string complaint;
    std::string top = cache;
};

TEST(config_verifiers, names_what_is_wrong_and_the_remedy) {
    const std::vector<bad_query> table = {
        {"auth_query: {user: auth}", "clusters.app.auth_query: is read with auth: scram only"},
        {"auth: scram, auth_query: {}", "clusters.app.auth_query.user: required"},
        {"auth: scram, auth_query: {user: auth}",
         "verifier_cache: required with auth_query: the FILE that keeps roles",
         ""},
        {"auth: passthrough", "verifier_cache: is read with auth_query only"},
        {"auth: scram, auth_query: {user: auth, password_file: /nowhere/password}",
         "clusters.app.auth_query.password_file: '/nowhere/password' is missing"},
        {"auth: scram, auth_query: {user: auth, refresh_interval: 10ms}", "refresh_interval"},
        {"auth: scram, auth_query: {user: auth, qeury: x}", "query"},
    };
    for (const auto& [cluster, complaint, top] : table) {
        const auto failure =
            support::configuration_failure([&] { std::ignore = loaded(cluster, top); });
        EXPECT_NE(failure.find(complaint), std::string::npos) << cluster << ": " << failure;
    }
}

} // namespace
} // namespace wakegate::proxy
