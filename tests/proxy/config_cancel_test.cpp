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

cancel_settings loaded(const std::string& cancel, const std::string& cluster = "{backend: 'h:1'}") {
    const temporary_file file(fmt::format(
        "listeners: {{main: {{address: '127.0.0.1:1'}}}}\n"
        "clusters: {{app: {}}}\n"
        "cancel: {{{}}}\n",
        cluster,
        cancel
    ));
    return load_proxy_config(file.path()).cancel;
}

std::string failure_of(const std::string& cancel) {
    return support::configuration_failure([&] { std::ignore = loaded(cancel); });
}

const std::string secret(32, 's');
const std::string other_secret(32, 'o');

TEST(config_cancel, is_for_one_replica_unless_it_says_otherwise) {
    const auto settings = loaded("");
    EXPECT_EQ(settings.secrets, nullptr);
    EXPECT_EQ(settings.listen, std::nullopt);
    EXPECT_TRUE(settings.peers.empty());
    EXPECT_EQ(settings.rate.per_second, 50U);
    EXPECT_EQ(settings.rate.burst, 200U);
}

TEST(config_cancel, may_say_that_there_are_no_peers) {
    EXPECT_TRUE(loaded("peers: []").peers.empty());
}

TEST(config_cancel, names_what_replicas_share_and_where_they_are) {
    const temporary_file file(secret + "\n");
    const temporary_file previous(other_secret);
    const auto settings = loaded(fmt::format(
        "secret_file: '{}', previous_secret_file: '{}', listen: '10.0.0.1:6433', "
        "peers: ['peers:6433', '10.0.0.2:6433'], per_second: 3, burst: 4",
        file.path(),
        previous.path()
    ));
    const cancel_secrets expected(secret, other_secret);
    ASSERT_NE(settings.secrets, nullptr);
    ASSERT_EQ(settings.secrets->all().size(), 2U);
    EXPECT_EQ(settings.secrets->current().id, expected.current().id) << "a line's end is left out";
    EXPECT_EQ(settings.secrets->all().back().id, expected.all().back().id);
    EXPECT_EQ(settings.listen, (host_port{"10.0.0.1", 6433}));
    const std::vector<host_port> peers = {{"peers", 6433}, {"10.0.0.2", 6433}};
    EXPECT_EQ(settings.peers, peers);
    EXPECT_EQ(settings.rate.per_second, 3U);
    EXPECT_EQ(settings.rate.burst, 4U);
}

TEST(config_cancel, takes_random_bytes_as_they_are) {
    const auto bytes = std::string(31, '\0') + '\n';
    const temporary_file file(bytes);
    const auto settings = loaded(fmt::format("secret_file: '{}'", file.path()));
    EXPECT_EQ(settings.secrets->current().id, cancel_secrets(bytes).current().id);
}

TEST(config_cancel, knows_whether_clients_may_hold_keys_of_their_servers) {
    const temporary_file userlist("\"ann\" \"secret\"\n");
    const auto scram =
        fmt::format("{{backend: 'h:1', auth: scram, userlist: '{}'}}", userlist.path());
    EXPECT_FALSE(loaded("", scram).has_server_keys);
    EXPECT_TRUE(loaded("").has_server_keys);
}

TEST(config_cancel, names_what_is_wrong_and_the_remedy) {
    const temporary_file file(secret);
    const temporary_file empty("");
    const temporary_file too_short(std::string(31, 's'));
    const temporary_file too_long(std::string(4'097, 's'));
    const auto with_secret = fmt::format("secret_file: '{}', ", file.path());

    struct bad_cancel {
        std::string cancel;
        std::string complaint;
    };

    const std::vector<bad_cancel> table = {
        {"secret_file: /nowhere", "cancel.secret_file: '/nowhere' is missing"},
        {"secret_file: /", "cancel.secret_file: '/' is a folder, not a file"},
        {fmt::format("secret_file: '{}'", empty.path()),
         "holds 0 bytes, 32 to 4096 are needed; `openssl rand"},
        {fmt::format("secret_file: '{}'", too_short.path()),
         "holds 31 bytes, 32 to 4096 are needed; `openssl rand"},
        {fmt::format("secret_file: '{}'", too_long.path()),
         "holds too many bytes, 32 to 4096 are needed; `openssl rand"},
        {with_secret + fmt::format("previous_secret_file: '{}'", file.path()),
         "cancel.previous_secret_file: the previous cancel secret is the current one"},
        {fmt::format("previous_secret_file: '{}'", file.path()), "needs secret_file"},
        {"peers: ['a:1'], listen: '*:1'", "needs secret_file"},
        {"peers: ['a:1']", "cancel.peers: needs secret_file, the same on all replicas"},
        {"replica: 1", "replica"},
        {with_secret + "listen: '*:1'", "cancel.listen: listen and peers belong together"},
        {with_secret + "peers: ['a:1']", "cancel.peers: listen and peers belong together"},
        {with_secret + "peers: [a], listen: '*:1'", "'a' has no port"},
        {"per_second: 0", "cancel.per_second: '0' is not a number from 1"},
        {"burst: 0", "cancel.burst: '0' is not a number from 1"},
    };
    for (const auto& [cancel, complaint] : table) {
        const auto failure = failure_of(cancel);
        EXPECT_NE(failure.find(complaint), std::string::npos) << cancel << "\n" << failure;
        EXPECT_EQ(failure.find(secret), std::string::npos) << "never the secret itself";
    }
}

} // namespace
} // namespace wakegate::proxy
