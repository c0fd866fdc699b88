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

proxy_config loaded(const std::string& wake) {
    const support::temporary_file file(fmt::format(
        "listeners: {{main: {{address: 'l:1'}}}}\nclusters: {{app: {{backend: 'h:1', {}}}}}\n", wake
    ));
    return load_proxy_config(file.path());
}

wake_class class_of(const std::string& wake, const wake_request& client) {
    return loaded(wake).clusters.at(0).settings.wake.classify(client);
}

TEST(config_wake, lets_everybody_wake_by_default) {
    EXPECT_EQ(class_of("auth: passthrough", {.role = "ann"}), wake_class::always);
    EXPECT_EQ(class_of("wake: []", {.role = "ann"}), wake_class::always);
}

TEST(config_wake, keeps_the_files_order_and_reads_every_condition) {
    const std::string wake =
        "wake: [{role: 'mon*', networks: ['10.1.0.0/16', '::1'], class: never},"
        " {application_name: 'metabase*', class: defer},"
        " {role: ann, class: always}, {class: defer}]";
    const auto near = boost::asio::ip::make_address("10.1.2.3");
    const auto far = boost::asio::ip::make_address("10.2.2.3");
    EXPECT_EQ(class_of(wake, {.role = "monitor", .source = near}), wake_class::never);
    EXPECT_EQ(class_of(wake, {.role = "monitor", .source = far}), wake_class::defer);
    EXPECT_EQ(class_of(wake, {.role = "ann", .application_name = "psql"}), wake_class::always);
    EXPECT_EQ(class_of(wake, {.role = "ann", .application_name = "metabase 1"}), wake_class::defer);
    EXPECT_EQ(class_of(wake, {.role = "ben"}), wake_class::defer);
}

TEST(config_wake, cuts_a_roles_name_as_the_server_does_and_no_pattern) {
    const std::string name(63, 'r');
    const auto rule_for = [](const std::string& role) {
        return "wake: [{role: '" + role + "', class: defer}]";
    };
    EXPECT_EQ(class_of(rule_for(name + "s"), {.role = name}), wake_class::defer);
    EXPECT_EQ(class_of(rule_for(name + "*"), {.role = name}), wake_class::defer);
    EXPECT_EQ(class_of(rule_for(name + "?"), {.role = name}), wake_class::always);
}

TEST(config_wake, names_what_is_wrong_and_the_remedy) {
    struct bad_rule {
        std::string wake;
        std::string complaint;
    };

    const std::vector<bad_rule> table = {
        {"wake: [{role: ann}]", "clusters.app.wake[0].class: required"},
        {"wake: [{class: later}]", "'later' is none of: always, defer, never"},
        {"wake: [{networks: ['10.1.2.3/8'], class: defer}]",
         "'10.1.2.3/8' is not a network; write it like 10.1.0.0/16"},
        {"wake: [{user: ann, class: defer}]", "user"},
    };
    for (const auto& [wake, complaint] : table) {
        const auto failure =
            support::configuration_failure([&wake = wake] { std::ignore = loaded(wake); });
        EXPECT_NE(failure.find(complaint), std::string::npos) << wake << ": " << failure;
    }
}

} // namespace
} // namespace wakegate::proxy
