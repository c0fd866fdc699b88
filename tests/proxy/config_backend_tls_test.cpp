#include "proxy/config/proxy_config.hpp"
#include "proxy/tls/certificate.hpp"
#include "tests/support/certificates.hpp"
#include "tests/support/configuration_failure.hpp"
#include "tests/support/temporary_file.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include <sys/stat.h>

namespace wakegate::proxy {
namespace {

using namespace support;
using testing::HasSubstr;

proxy_config with_backend_tls(const std::string& keys) {
    const temporary_file file(
        "listeners: {main: {address: 'l:1'}}\n"
        "clusters: {app: {backend: 'h:2', backend_tls: {" +
        keys + "}}}\n"
    );
    return load_proxy_config(file.path());
}

tls::backend_settings read(const std::string& keys) {
    return with_backend_tls(keys).clusters.at(0).backend_tls;
}

std::string failure(const std::string& keys) {
    return configuration_failure([&keys] { static_cast<void>(with_backend_tls(keys)); });
}

struct config_backend_tls_files : testing::Test {
    config_backend_tls_files() { ::chmod(key.c_str(), S_IRUSR | S_IWUSR); }

    temporary_folder folder;
    identity gate = make_identity();
    std::string certificate = folder.write("gate.crt", gate.certificate_pem());
    std::string key = folder.write("gate.key", gate.key_pem());
    std::string pair = "certificate: '" + certificate + "', key: '" + key + "'";
};

TEST(config_backend_tls, is_off_by_default) {
    EXPECT_EQ(read("").mode, tls::backend_mode::disable);
    EXPECT_EQ(read("mode: disable").mode, tls::backend_mode::disable);
    EXPECT_EQ(read("mode: prefer").mode, tls::backend_mode::prefer);
    EXPECT_EQ(read("mode: require").mode, tls::backend_mode::require);
    EXPECT_THAT(failure("mode: allow"), HasSubstr("backend_tls.mode: 'allow'"));
}

TEST_F(config_backend_tls_files, are_read_and_known_to_the_probe_as_well) {
    const auto config = with_backend_tls(
        "mode: verify-full, ca: '" + certificate + "', server_name: db.example.com, " + pair
    );
    const auto& backend_tls_settings = config.clusters.at(0).backend_tls;
    EXPECT_EQ(backend_tls_settings.mode, tls::backend_mode::verify_full);
    EXPECT_EQ(backend_tls_settings.ca, certificate);
    EXPECT_EQ(backend_tls_settings.certificate, certificate);
    EXPECT_EQ(backend_tls_settings.key, key);
    EXPECT_EQ(backend_tls_settings.server_name, "db.example.com");
    EXPECT_EQ(config.clusters.at(0).probe.tls.mode, tls::backend_mode::verify_full);
    EXPECT_EQ(
        read("mode: verify-ca, ca: '" + certificate + "'").mode, tls::backend_mode::verify_ca
    );
}

TEST(config_backend_tls, reads_a_pin_as_openssl_prints_it) {
    std::string colons = "A0";
    for (int i = 1; i < 32; ++i) {
        colons += ":0f";
    }
    const auto pin = read("mode: require, pin: '" + colons + "'").pin;
    EXPECT_EQ(pin, "\xa0" + std::string(31, '\x0f'));
    const auto no_pin = "pin: not a SHA-256 in 64 hexadecimal digits";
    EXPECT_THAT(failure("mode: require, pin: abc"), HasSubstr(no_pin));
    EXPECT_THAT(failure("mode: require, pin: '" + colons + "0'"), HasSubstr(no_pin));
    EXPECT_THAT(failure("mode: require, pin: '" + colons + ":00'"), HasSubstr(no_pin));
    EXPECT_THAT(failure("mode: require, pin: '" + std::string(64, 'x') + "'"), HasSubstr(no_pin));
    EXPECT_THAT(failure("mode: prefer, pin: '" + colons + "'"), HasSubstr("needs mode: require"));
}

TEST_F(config_backend_tls_files, must_be_of_use) {
    EXPECT_THAT(failure("ca: '" + certificate + "'"), HasSubstr("backend_tls.ca: needs a mode"));
    EXPECT_THAT(
        failure("mode: require, ca: '" + certificate + "'"),
        HasSubstr("backend_tls.ca: needs mode: verify-ca or verify-full")
    );
    EXPECT_THAT(failure("mode: verify-full"), HasSubstr("backend_tls.mode: needs ca: FILE"));
    EXPECT_THAT(
        failure("mode: require, key: '" + key + "'"), HasSubstr("certificate and key belong")
    );
    EXPECT_THAT(
        failure("mode: verify-ca, ca: /nowhere/ca.crt"),
        HasSubstr("backend_tls.ca: '/nowhere/ca.crt' is missing, and so is its folder")
    );
    EXPECT_THAT(
        failure("mode: require, certificate: /nowhere/it.crt, key: '" + key + "'"),
        HasSubstr("backend_tls.certificate: '/nowhere/it.crt' is missing, and so is its folder")
    );
    EXPECT_THAT(
        failure("mode: require, certificate: '" + certificate + "', key: '" + certificate + "'"),
        HasSubstr("backend_tls.key: " + certificate + ": holds a certificate, not a private key")
    );
}

TEST_F(config_backend_tls_files, must_keep_the_key_secret_or_libpq_would_not_probe_with_it) {
    EXPECT_EQ(read("mode: require, " + pair).key, key);
    ::chmod(key.c_str(), S_IRUSR | S_IROTH);
    EXPECT_THAT(failure("mode: require, " + pair), HasSubstr("others can read it; chmod 600"));
}

/// Two listeners, of which `office` has TLS, and a cluster with TLS.
struct config_backend_tls_behind_listener : config_backend_tls_files {
    std::string outcome(const std::string& cluster, const std::string& routes) {
        const temporary_file file(
            "listeners: {main: {address: 'l:1'}, office: {address: 'h:2', tls: {mode: optional, " +
            pair + "}}}\nclusters: {app: {backend: 'h:3', " + cluster +
            "}, other: {backend: 'h:4'}}\nroutes: [" + routes + "]\n"
        );
        return configuration_failure([&file] { static_cast<void>(load_proxy_config(file.path())); }
        );
    }

    const std::string refused = "clusters.app.backend_tls: with auth: passthrough not behind "
                                "listener 'office', which has tls as well: ";
};

TEST_F(config_backend_tls_behind_listener, can_not_have_tls_both_when_the_login_passes_through) {
    const std::string secured = "backend_tls: {mode: require}";
    EXPECT_THAT(outcome(secured, "{cluster: app}"), HasSubstr(refused));
    EXPECT_THAT(outcome(secured, "{listener: office, cluster: app}"), HasSubstr(refused));
    EXPECT_THAT(outcome(secured, "{cluster: other}, {cluster: app}"), HasSubstr(refused));
    EXPECT_THAT(
        outcome(secured, "{listener: office, database: '{a}', cluster: '{a}'}"), HasSubstr(refused)
    );
    EXPECT_THAT(outcome(secured, "{listener: '{a}', cluster: app}"), HasSubstr(refused));
    EXPECT_THAT(outcome("backend_tls: {mode: prefer}", "{cluster: app}"), HasSubstr(refused));
}

TEST_F(config_backend_tls_behind_listener, are_no_trouble_when_no_route_joins_them) {
    const std::string secured = "backend_tls: {mode: require}";
    const std::string apart = "{listener: main, cluster: app}, {listener: office, cluster: other}";
    EXPECT_EQ(outcome(secured, apart), "accepted");
    EXPECT_EQ(outcome("backend_tls: {mode: disable}", "{cluster: app}"), "accepted");
}

TEST_F(config_backend_tls_behind_listener, may_have_one_and_the_same_certificate) {
    const auto pin = tls::to_hex(tls::sha256_of(*gate.certificate));
    const auto pinned = "backend_tls: {mode: require, pin: " + pin + "}";
    EXPECT_EQ(outcome(pinned, "{cluster: app}"), "accepted");
}

TEST(config_backend_tls_passthrough, has_no_certificate_and_leads_to_no_cluster_with_auth_scram) {
    const temporary_file userlist("\"ann\" \"secret\"\n");
    const auto outcome = [&userlist](const std::string& tls, const std::string& auth) {
        const temporary_file file(
            "listeners: {main: {address: 'l:1', tls: {mode: passthrough" + tls +
            "}}}\nclusters: {app: {backend: 'h:2', backend_tls: {mode: require}, " + auth + "}}\n"
        );
        return configuration_failure([&file] { static_cast<void>(load_proxy_config(file.path())); }
        );
    };
    EXPECT_EQ(outcome("", "auth: passthrough"), "accepted");
    EXPECT_THAT(outcome(", key: x", "auth: passthrough"), HasSubstr("tls.key: of no use with"));
    EXPECT_EQ(outcome(", cancel: drop", "auth: passthrough"), "accepted");
    EXPECT_EQ(outcome(", cancel: broadcast", "auth: passthrough"), "accepted");
    EXPECT_THAT(outcome(", cancel: all", "auth: passthrough"), HasSubstr("drop, broadcast"));
    EXPECT_THAT(
        outcome("", "auth: scram, userlist: '" + userlist.path() + "'"),
        HasSubstr("clusters.app.auth: scram can't be had behind listener 'main'")
    );
}

TEST_F(config_backend_tls_behind_listener, are_no_trouble_when_the_gate_logs_in_itself) {
    const auto userlist = folder.write("userlist.txt", "\"ann\" \"secret\"\n");
    const auto scram = "auth: scram, userlist: '" + userlist + "', backend_tls: {mode: require}";
    EXPECT_EQ(outcome(scram, "{cluster: app}"), "accepted");
}

} // namespace
} // namespace wakegate::proxy
