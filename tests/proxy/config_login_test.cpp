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

proxy_config loaded(const std::string& cluster) {
    const temporary_file file(fmt::format(
        "listeners: {{main: {{address: '127.0.0.1:1'}}}}\n"
        "clusters: {{app: {{backend: 'h:1', {}}}}}\n",
        cluster
    ));
    return load_proxy_config(file.path());
}

std::string failure_of(const std::string& cluster) {
    return support::configuration_failure([&] { std::ignore = loaded(cluster); });
}

TEST(config_login, is_passthrough_unless_it_says_otherwise) {
    EXPECT_EQ(loaded("connect_timeout: 1s").clusters.at(0).settings.roles, nullptr);
    EXPECT_EQ(loaded("auth: passthrough").clusters.at(0).settings.roles, nullptr);
}

TEST(config_login, reads_roles_from_a_userlist) {
    const temporary_file userlist("\"ann\" \"secret\"\n; a comment\n\"ben\" \"other\"\n");
    const auto config =
        loaded(fmt::format("auth: scram, userlist: '{}', notice_after: 3s", userlist.path()));
    const auto& settings = config.clusters.at(0).settings;
    ASSERT_NE(settings.roles, nullptr);
    EXPECT_NE(settings.roles->find("ann"), nullptr);
    EXPECT_NE(settings.roles->find("ben"), nullptr);
    EXPECT_EQ(settings.roles->find("eve"), nullptr);
    EXPECT_EQ(settings.notice_after, seconds(3));
}

struct bad_login {
    std::string cluster;
    std::string complaint;
};

TEST(config_login, names_what_is_wrong_and_the_remedy) {
    const temporary_file md5("\"ann\" \"secret\"\n\"ben\" \"md5" + std::string(32, 'a') + "\"\n");
    const std::vector<bad_login> table = {
        {"auth: srcam", "'srcam'"},
        {"auth: scram", "scram needs userlist: FILE, secret_directory: DIRECTORY or auth_query"},
        {"auth: scram, userlist: a, secret_directory: b", "give either userlist or secret_directory"
        },
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

} // namespace
} // namespace wakegate::proxy
