#include "common/configuration_error.hpp"
#include "proxy/config/proxy_config.hpp"
#include "proxy/config/proxy_name.hpp"
#include "tests/support/certificates.hpp"
#include "tests/support/configuration_failure.hpp"
#include "tests/support/temporary_file.hpp"

#include <gtest/gtest.h>

#include <string>
#include <thread>
#include <tuple>

namespace wakegate::proxy {
namespace {

using support::temporary_file;

proxy_config loaded(const std::string& text) {
    const temporary_file file(text);
    return load_proxy_config(file.path());
}

constexpr auto smallest = R"(
listeners:
  main: {address: "127.0.0.1:6432"}
clusters:
  app: {backend: "db.example:5432"}
)";

TEST(config, has_a_default_for_all_but_one_listener_and_one_backend) {
    const auto config = loaded(smallest);
    ASSERT_EQ(config.listeners.size(), 1U);
    EXPECT_EQ(config.listeners[0].name, "main");
    EXPECT_EQ(config.listeners[0].address, (host_port{"127.0.0.1", 6432}));
    EXPECT_TRUE(is_proxy_name(config.name)) << "the host's: " << config.name;
    EXPECT_TRUE(config.scalers.empty());
    EXPECT_FALSE(config.admin.has_value());
    EXPECT_EQ(config.log_format, log::format::text);
    EXPECT_EQ(config.log_level, log::level::info);
    EXPECT_EQ(config.threads, std::max(1U, std::thread::hardware_concurrency()));
    EXPECT_FALSE(config.max_clients.has_value()) << "as many as there are descriptors";
    EXPECT_FALSE(config.max_clients_per_source.has_value());
    EXPECT_FALSE(config.clusters.at(0).settings.max_clients.has_value());
    EXPECT_FALSE(config.clusters.at(0).settings.max_clients_per_role.has_value());
    EXPECT_EQ(config.max_waiting, 10'000U);
    EXPECT_EQ(config.startup_timeout, seconds(10));
    EXPECT_EQ(config.drain_timeout, seconds(30));
    EXPECT_EQ(config.lease, seconds(15));
    EXPECT_EQ(config.clusters.size(), 1U);
}

TEST(config, reads_bounds_on_clients) {
    const auto config =
        loaded("listeners: {main: {address: 'h:1'}}\nmax_clients: 40\nmax_clients_per_source: 30\n"
               "clusters: {app: {backend: 'h:2', max_clients: 20, max_clients_per_role: 10}}\n");
    EXPECT_EQ(config.max_clients, 40U);
    EXPECT_EQ(config.max_clients_per_source, 30U);
    EXPECT_EQ(config.clusters.at(0).settings.max_clients, 20U);
    EXPECT_EQ(config.clusters.at(0).settings.max_clients_per_role, 10U);
}

proxy_config with_tls(const std::string& keys) {
    return loaded(
        "listeners: {main: {address: 'h:1', tls: {" + keys +
        "}}}\nclusters: {app: {backend: 'h:2'}}\ntls_timeout: 3s\n"
    );
}

TEST(config, has_no_tls_by_default) {
    EXPECT_EQ(loaded(smallest).listeners.at(0).tls.mode, tls::listener_mode::off);
    EXPECT_EQ(loaded(smallest).tls_timeout, seconds(10));
    EXPECT_EQ(with_tls("mode: off").listeners.at(0).tls.mode, tls::listener_mode::off);
}

TEST(config, reads_a_listeners_certificate) {
    const support::temporary_folder folder;
    write_pair(folder, ".", support::make_identity());
    const auto certificate = folder.path() + "/tls.crt";
    const auto key = folder.path() + "/tls.key";
    const auto config =
        with_tls("mode: optional, certificate: '" + certificate + "', key: '" + key + "'");
    EXPECT_EQ(config.listeners.at(0).tls.mode, tls::listener_mode::optional);
    EXPECT_EQ(config.listeners.at(0).tls.certificate, certificate);
    EXPECT_EQ(config.listeners.at(0).tls.key, key);
    EXPECT_EQ(config.tls_timeout, seconds(3));
}

TEST(config, warns_of_certificates_that_expire_soon) {
    const support::temporary_folder folder;
    const auto with_pair_until = [&folder](long seconds_from_now) {
        write_pair(folder, ".", support::make_identity({.valid_until = seconds_from_now}));
        auto all = with_tls("mode: optional, directory: '" + folder.path() + "'").warnings;
        std::erase_if(all, [](const configuration_warning& each) {
            return each.text.find("the certificate of") == std::string::npos;
        });
        return all;
    };
    constexpr long a_day = 24L * 60 * 60;
    EXPECT_TRUE(with_pair_until(15 * a_day).empty());
    const auto warnings = with_pair_until(13 * a_day - 60);
    ASSERT_EQ(warnings.size(), 1U);
    EXPECT_NE(warnings.front().text.find("tls.directory: "), std::string::npos)
        << warnings.front().text;
    EXPECT_NE(warnings.front().text.find("expires in 12 days"), std::string::npos);
    const auto gone = with_pair_until(-a_day / 2);
    ASSERT_EQ(gone.size(), 1U);
    EXPECT_NE(gone.front().text.find("has expired"), std::string::npos) << gone.front().text;
}

TEST(config, names_the_key_of_the_file_that_is_of_no_use) {
    const support::temporary_folder folder;
    const auto own = support::make_identity();
    write_pair(folder, ".", own);
    const auto other = folder.write("other.key", support::make_identity().key_pem());
    const auto failure = [&](const std::string& key, const std::string& ca) {
        return support::configuration_failure([&] {
            with_tls(
                "mode: required, certificate: '" + folder.path() + "/tls.crt', key: '" + key +
                "', client_ca: '" + ca + "'"
            );
        });
    };
    const auto certificate = folder.path() + "/tls.crt";
    EXPECT_NE(failure(other, certificate).find("tls.key: " + other), std::string::npos);
    EXPECT_NE(failure("/nowhere", certificate).find("tls.key: '/nowhere' is"), std::string::npos);
    const auto key = folder.path() + "/tls.key";
    EXPECT_NE(failure(key, "/nowhere").find("tls.client_ca: '/nowhere' is"), std::string::npos);
}

TEST(config, reads_a_listeners_directory_and_its_clients_authorities) {
    const support::temporary_folder folder;
    const auto own = support::make_identity();
    write_pair(folder, "one", own);
    const auto authorities = folder.write("clients.crt", own.certificate_pem());
    const auto config = with_tls(
        "mode: required, client_roles: [{name: 'a*', role: b}], directory: '" + folder.path() +
        "', client_ca: '" + authorities + "'"
    );
    EXPECT_EQ(config.listeners.at(0).tls.mode, tls::listener_mode::required);
    EXPECT_EQ(config.listeners.at(0).tls.directory, folder.path());
    EXPECT_EQ(config.listeners.at(0).tls.client_ca, authorities);
    ASSERT_EQ(config.listeners.at(0).client_roles.size(), 1U);
    EXPECT_EQ(config.listeners.at(0).client_roles.at(0).name, "a*");
    EXPECT_EQ(config.listeners.at(0).client_roles.at(0).role, "b");
}

TEST(config, has_defaults_for_a_cluster) {
    const auto cluster = loaded(smallest).clusters.at(0);
    EXPECT_EQ(cluster.settings.name, "app");
    EXPECT_EQ(cluster.settings.endpoint.backend, (host_port{"db.example", 5432}));
    EXPECT_EQ(cluster.settings.endpoint.connect_timeout, seconds(1));
    EXPECT_EQ(cluster.settings.endpoint.login_timeout, seconds(10));
    EXPECT_EQ(cluster.settings.hold_timeout, seconds(60));
    EXPECT_TRUE(cluster.settings.hold_timeouts.empty());
    EXPECT_FALSE(cluster.settings.count_idle_sessions);
    EXPECT_FALSE(cluster.settings.count_listening_sessions);
    EXPECT_EQ(cluster.gate.wake_grace, seconds(60));
    EXPECT_EQ(cluster.gate.max_waiting, 5'000U);
    EXPECT_FALSE(cluster.gate.max_connections.has_value()) << "the server is asked";
    EXPECT_EQ(cluster.gate.connection_headroom, 5U);
    EXPECT_FALSE(cluster.gate.refuse_when_full);
    EXPECT_TRUE(cluster.settings.reserved_roles.empty());
    EXPECT_EQ(cluster.gate.release_batch, 64U);
}

TEST(config, has_defaults_for_a_probe) {
    const auto cluster = loaded(smallest).clusters.at(0);
    EXPECT_EQ(cluster.probe.address, cluster.settings.endpoint.backend);
    EXPECT_EQ(cluster.probe.timeout, seconds(1));
    EXPECT_EQ(cluster.probe.user, "") << "nobody logs in";
    EXPECT_EQ(cluster.probe.password_file, "");
    EXPECT_EQ(cluster.probe.database, "postgres");
    EXPECT_EQ(cluster.probe.ready_query, "");
    EXPECT_EQ(cluster.probe.system_identifier, "");
    EXPECT_EQ(cluster.gate.probe_interval, milliseconds(10));
    EXPECT_EQ(cluster.gate.probe_slow_interval, milliseconds(200));
    EXPECT_EQ(cluster.gate.probe_ready_interval, seconds(15));
}

TEST(config, sends_everything_to_the_only_cluster_when_there_are_no_routes) {
    const auto config = loaded(smallest);
    ASSERT_EQ(config.routes.size(), 1U);
    EXPECT_EQ(config.routes[0].listener, "");
    EXPECT_EQ(config.routes[0].database, "");
    EXPECT_EQ(config.routes[0].cluster, "app");
}

TEST(config, reads_every_key_of_the_program) {
    const auto config = loaded(R"(
listeners:
  main: {address: "127.0.0.1:1"}
  office: {address: "[::1]:2"}
scalers: ["a:3", "b:4"]
admin: {address: "127.0.0.1:5"}
log: {format: json, level: warning}
threads: 6
max_waiting: 7
startup_timeout: 8s
drain_timeout: 9s
lease: 10s
clusters:
  app: {backend: "h:11"}
  other: {backend: "h:12"}
routes:
  - {listener: office, database: "o*", cluster: other}
  - {cluster: app}
)");
    ASSERT_EQ(config.listeners.size(), 2U);
    EXPECT_EQ(config.listeners[1].name, "office");
    EXPECT_EQ(config.listeners[1].address, (host_port{"::1", 2}));
    EXPECT_EQ(config.scalers, (std::vector<host_port>{{"a", 3}, {"b", 4}}));
    EXPECT_EQ(config.admin, (host_port{"127.0.0.1", 5}));
    EXPECT_EQ(config.log_format, log::format::json);
    EXPECT_EQ(config.log_level, log::level::warning);
    EXPECT_EQ(config.threads, 6U);
    EXPECT_EQ(config.max_waiting, 7U);
    EXPECT_EQ(config.startup_timeout, seconds(8));
    EXPECT_EQ(config.drain_timeout, seconds(9));
    EXPECT_EQ(config.lease, seconds(10));
    ASSERT_EQ(config.clusters.size(), 2U);
    EXPECT_EQ(config.clusters[1].settings.name, "other");
    ASSERT_EQ(config.routes.size(), 2U);
    EXPECT_EQ(config.routes[0].listener, "office");
    EXPECT_EQ(config.routes[0].database, "o*");
    EXPECT_EQ(config.routes[0].cluster, "other");
    EXPECT_EQ(config.routes[1].cluster, "app");
}

TEST(config, reads_every_key_of_a_cluster) {
    const auto cluster = loaded(R"(
listeners: {main: {address: "127.0.0.1:1"}}
clusters:
  app:
    backend: "h:1"
    connect_timeout: 2s
    login_timeout: 3s
    hold_timeout: 4s
    hold_timeouts:
      - {application_name: "prisma*", hold_timeout: 5s}
      - {application_name: "*", hold_timeout: 0s}
    wake_grace: 6s
    max_waiting: 7
    max_connections: 8
    connection_headroom: 0
    when_full: refuse
    release_batch: 10
    idle_sessions: count
    listening_sessions: count
)")
                             .clusters.at(0);
    const auto& settings = cluster.settings;
    EXPECT_EQ(settings.endpoint.connect_timeout, seconds(2));
    EXPECT_EQ(settings.endpoint.login_timeout, seconds(3));
    EXPECT_EQ(settings.hold_timeout, seconds(4));
    ASSERT_EQ(settings.hold_timeouts.size(), 2U);
    EXPECT_EQ(settings.hold_timeouts[0].application_name, "prisma*");
    EXPECT_EQ(settings.hold_timeouts[0].hold_timeout, seconds(5));
    EXPECT_EQ(settings.hold_timeouts[1].hold_timeout, seconds(0));
    EXPECT_EQ(cluster.gate.wake_grace, seconds(6));
    EXPECT_EQ(cluster.gate.max_waiting, 7U);
    EXPECT_EQ(cluster.gate.max_connections, 8U);
    EXPECT_EQ(cluster.gate.connection_headroom, 0U);
    EXPECT_TRUE(cluster.gate.refuse_when_full);
    EXPECT_EQ(cluster.gate.release_batch, 10U);
    EXPECT_TRUE(settings.count_idle_sessions);
    EXPECT_TRUE(settings.count_listening_sessions);
}

std::string with_reserved_roles(const std::string& more) {
    return smallest + std::string("  other:\n    backend: \"h:1\"\n") +
           "    reserved_roles: [postgres, 'dba_*']\n    " + more +
           "\nroutes: [{cluster: other}]\n";
}

TEST(config, reads_who_may_use_reserved_connections) {
    const auto config = loaded(with_reserved_roles("probe: {user: monitor}"));
    const std::vector<std::string> expected = {"postgres", "dba_*"};
    EXPECT_EQ(config.clusters.at(1).settings.reserved_roles, expected);
}

TEST(config, refuses_reserved_roles_where_nothing_is_reserved) {
    const auto failure_with = [](const std::string& more) {
        return support::configuration_failure([&] {
            std::ignore = loaded(with_reserved_roles(more));
        });
    };
    const auto without_login = failure_with("probe: {database: d}");
    EXPECT_NE(without_login.find("clusters.other.reserved_roles"), std::string::npos);
    EXPECT_NE(without_login.find("give probe.user as well"), std::string::npos) << without_login;
    const auto bounded = failure_with("max_connections: 9\n    probe: {user: monitor}");
    EXPECT_NE(bounded.find("max_connections bounds every role"), std::string::npos) << bounded;
}

std::string with_probe(const std::string& probe) {
    return smallest + std::string("  other:\n    backend: \"h:1\"\n    probe: {") + probe +
           "}\nroutes: [{cluster: other}]\n";
}

TEST(config, reads_every_key_of_a_probe) {
    const temporary_file password("secret\n");
    const auto cluster = loaded(with_probe(
                                    "address: 'p:2', interval: 3ms, slow_interval: 4ms, "
                                    "ready_interval: 0s, timeout: 5ms, user: monitor, "
                                    "password_file: '" +
                                    password.path() +
                                    "', database: d, ready_query: SELECT true, "
                                    "system_identifier: '7412345678901234567'"
                                ))
                             .clusters.at(1);
    EXPECT_EQ(cluster.probe.address, (host_port{"p", 2}));
    EXPECT_EQ(cluster.gate.probe_interval, milliseconds(3));
    EXPECT_EQ(cluster.gate.probe_slow_interval, milliseconds(4));
    EXPECT_EQ(cluster.gate.probe_ready_interval, milliseconds(0));
    EXPECT_EQ(cluster.probe.timeout, milliseconds(5));
    EXPECT_EQ(cluster.probe.user, "monitor");
    EXPECT_EQ(cluster.probe.password_file, password.path());
    EXPECT_EQ(cluster.probe.database, "d");
    EXPECT_EQ(cluster.probe.ready_query, "SELECT true");
    EXPECT_EQ(cluster.probe.system_identifier, "7412345678901234567");
}

TEST(config, refuses_a_password_file_without_a_line) {
    const temporary_file empty("");
    const auto failure = support::configuration_failure([&] {
        std::ignore = loaded(with_probe("user: monitor, password_file: '" + empty.path() + "'"));
    });
    EXPECT_NE(failure.find("it must hold the password in one line"), std::string::npos) << failure;
}

TEST(config, knows_each_log_level) {
    const auto level_of = [](const std::string& name) {
        return loaded(smallest + std::string("log: {level: ") + name + "}\n").log_level;
    };
    EXPECT_EQ(level_of("debug"), log::level::debug);
    EXPECT_EQ(level_of("info"), log::level::info);
    EXPECT_EQ(level_of("warning"), log::level::warning);
    EXPECT_EQ(level_of("error"), log::level::error);
}

TEST(config_name, is_what_a_host_could_be_called) {
    EXPECT_EQ(loaded(std::string("name: Gate_a-1.eu") + smallest).name, "Gate_a-1.eu");
    const std::string longest(64, 'x');
    EXPECT_EQ(loaded("name: " + longest + smallest).name, longest);
    for (const std::string bad : {"''", "gate a", "gate\u00e9", "a/b"}) {
        EXPECT_THROW(loaded("name: " + bad + smallest), configuration_error) << bad;
    }
    EXPECT_FALSE(is_proxy_name(longest + "x"));
}

} // namespace
} // namespace wakegate::proxy
