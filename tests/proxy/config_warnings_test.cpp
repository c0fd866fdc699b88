#include "proxy/config/proxy_config.hpp"
#include "tests/support/certificates.hpp"
#include "tests/support/configuration_failure.hpp"
#include "tests/support/temporary_folder.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <vector>

namespace wakegate::proxy {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

const std::string verifier =
    "SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:"
    "wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=";

/// A proxy.yaml in a folder of its own, with the files beside it.
class config_warnings_configured : public testing::Test {
protected:
    std::string write(const std::string& name, std::string_view content, unsigned mode = 0600) {
        const auto path = folder_.write(name, content);
        std::filesystem::permissions(path, std::filesystem::perms(mode));
        return path;
    }

    proxy_config load(const std::string& text) {
        return load_proxy_config(write("proxy.yaml", text));
    }

    /// "LINE: TEXT" of each.
    std::vector<std::string> warnings_of(const std::string& text) {
        std::vector<std::string> found;
        for (const auto& [place, warning] : load(text).warnings) {
            EXPECT_THAT(place, testing::StartsWith(folder_.file("proxy.yaml") + ":"));
            const auto line = place.substr(folder_.file("proxy.yaml").size() + 1);
            found.push_back(line.substr(0, line.find(':')) + ": " + warning);
        }
        return found;
    }

    /// The warnings of a file with one cluster, whose keys `keys` are in line 4.
    std::vector<std::string> of_cluster(const std::string& keys, const std::string& more = "") {
        return warnings_of(
            "listeners: {main: {address: '127.0.0.1:6432'}}\nscalers: ['127.0.0.1:9411']\n"
            "clusters:\n  app: {backend: '127.0.0.1:5432', " +
            keys + "}\n" + more
        );
    }

    std::string failure_of_cluster(const std::string& keys, const std::string& more = "") {
        return support::configuration_failure([&] { std::ignore = of_cluster(keys, more); });
    }

    support::temporary_folder folder_;
};

using config_warnings = config_warnings_configured;
using config_warnings_paths = config_warnings_configured;

TEST_F(config_warnings, are_none_for_a_proxy_that_can_do_its_work) {
    EXPECT_THAT(of_cluster("hold_timeout: 60s"), IsEmpty());
}

TEST_F(config_warnings, name_scalers_that_are_missing) {
    const std::string rest = "listeners: {main: {address: '127.0.0.1:6432'}}\n"
                             "clusters: {app: {backend: '127.0.0.1:5432'}}\n";
    const auto warning =
        "scalers: none, so nobody hears that clients wait, and nothing is woken; give "
        "them, like [\"127.0.0.1:9411\"]";
    EXPECT_THAT(warnings_of(rest), ElementsAre(fmt::format("1: {}", warning)));
    EXPECT_THAT(warnings_of(rest + "scalers: []\n"), ElementsAre(fmt::format("3: {}", warning)));
}

TEST_F(config_warnings, name_a_userlist_of_nobody) {
    write("users.txt", "; nobody yet\n");
    EXPECT_THAT(
        of_cluster("auth: scram, userlist: users.txt"),
        ElementsAre(
            "4: clusters.app.userlist: '" + folder_.file("users.txt") +
            "' names no role, so nobody can log in; write one a line: \"role\" "
            "\"SCRAM-SHA-256$...\""
        )
    );
    EXPECT_THAT(
        of_cluster(
            "auth: scram, userlist: users.txt, auth_query: {user: gate}", "verifier_cache: cache\n"
        ),
        IsEmpty()
    ) << "the server tells the roles";
    std::filesystem::create_directory(folder_.file("roles"));
    EXPECT_THAT(
        of_cluster("auth: scram, secret_directory: roles"),
        ElementsAre(HasSubstr("names no role, so nobody can log in; put a file into it"))
    );
}

TEST_F(config_warnings, name_a_role_that_a_userlist_has_twice) {
    const auto line = "\"ann\" \"" + verifier + "\"\n";
    write("users.txt", line + "\"ben\" \"" + verifier + "\"\n" + line + line);
    EXPECT_THAT(
        of_cluster("auth: scram, userlist: users.txt"),
        ElementsAre(
            "4: clusters.app.userlist: '" + folder_.file("users.txt") +
            "' names role \"ann\" in line 1 and in line 4, which counts; remove the others"
        )
    );
}

TEST_F(config_warnings, name_secrets_that_others_can_read) {
    const std::string remedy =
        "; chmod 600, or 640 for root's (of a mounted Secret: defaultMode 0440)";
    write("users.txt", "\"ann\" \"pencil\"\n", 0644);
    EXPECT_THAT(
        of_cluster("auth: scram, userlist: users.txt"),
        ElementsAre(
            "4: clusters.app.userlist: '" + folder_.file("users.txt") +
            "' (mode 0644) lets others read passwords in plain text" + remedy
        )
    );
    write("users.txt", "\"ann\" \"" + verifier + "\"\n", 0604);
    EXPECT_THAT(
        of_cluster("auth: scram, userlist: users.txt"),
        ElementsAre(HasSubstr("(mode 0604) lets others read verifiers, by which passwords can be "
                              "guessed; chmod"))
    );
    write("roles/ann", "pencil", 0644);
    write("roles/ben", "pencil", 0644);
    EXPECT_THAT(
        of_cluster("auth: scram, secret_directory: roles"),
        ElementsAre(
            "4: clusters.app.secret_directory: '" + folder_.file("roles/ann") +
            "' (mode 0644) lets others read passwords in plain text" + remedy
        )
    );
    write("password", "pencil\n", 0644);
    EXPECT_THAT(
        of_cluster("probe: {user: monitor, password_file: password}"),
        ElementsAre(HasSubstr(
            "probe.password_file: '" + folder_.file("password") +
            "' (mode 0644) lets others read the password"
        ))
    );
    write("secret", std::string(32, 's'), 0644);
    EXPECT_THAT(
        of_cluster("hold_timeout: 60s", "cancel: {secret_file: secret}\n"),
        ElementsAre(HasSubstr(
            "5: cancel.secret_file: '" + folder_.file("secret") +
            "' (mode 0644) lets others read the secret"
        ))
    );
}

TEST_F(config_warnings, name_a_certificates_key_that_others_can_read) {
    const auto own = support::make_identity({.valid_until = 30L * 24 * 60 * 60});
    write("tls.crt", own.certificate_pem(), 0644);
    const auto key = write("tls.key", own.key_pem(), 0644);
    const auto with = [&](const std::string& tls) {
        return warnings_of(
            "listeners:\n  main: {address: '127.0.0.1:6432', tls: {mode: required, " + tls +
            "}}\nscalers: ['127.0.0.1:9411']\nclusters: {app: {backend: '127.0.0.1:5432'}}\n"
        );
    };
    const auto warning = "'" + key + "' (mode 0644) lets others read the private key";
    EXPECT_THAT(
        with("certificate: tls.crt, key: tls.key"),
        ElementsAre(HasSubstr("2: listeners.main.tls.key: " + warning))
    );
    EXPECT_THAT(with("directory: ."), ElementsAre(HasSubstr("2: listeners.main.tls.directory: '")));
    write("tls.key", own.key_pem(), 0600);
    EXPECT_THAT(with("certificate: tls.crt, key: tls.key"), IsEmpty());
}

struct wake_case {
    std::string wake;
    std::string warning; ///< empty: none
};

TEST_F(config_warnings, name_wake_rules_that_fit_everybody) {
    const std::string never = "fits every client, so none can wake the cluster";
    const std::string hidden = "fits every client, so the rules behind it have no effect";
    const std::vector<wake_case> table = {
        {"{class: defer}", "4: clusters.app.wake[0]: " + never},
        {"{role: '*', application_name: '**', class: never}", never},
        {"{networks: ['0.0.0.0/0', '::/0'], class: never}", never},
        {"{role: mon, class: defer}, {class: never}", "wake[1]: " + never},
        {"{class: always}, {role: mon, class: never}", "wake[0]: " + hidden},
        {"{role: a, class: always}, {class: defer}, {role: b, class: never}", "wake[1]: " + hidden},
        {"{role: a, class: always}, {class: defer}", ""},
        {"{role: mon, class: never}, {class: always}", ""},
        {"{networks: ['0.0.0.0/0'], class: never}", ""}, // those of IPv6 are left
        {"{role: 'mon*', class: never}", ""},
    };
    for (const auto& [wake, warning] : table) {
        const auto found = of_cluster("wake: [" + wake + "]");
        if (warning.empty()) {
            EXPECT_THAT(found, IsEmpty()) << wake;
        } else {
            EXPECT_THAT(found, ElementsAre(HasSubstr(warning))) << wake;
        }
    }
}

TEST_F(config_warnings, name_times_that_hold_nobody) {
    EXPECT_THAT(
        of_cluster("hold_timeout: 0s"),
        ElementsAre("4: clusters.app.hold_timeout: 0s holds nobody: who wakes the cluster is "
                    "refused at once; give the time a wake may take, like 60s")
    );
    const auto entry = [](const std::string& name) {
        return "{application_name: '" + name + "', hold_timeout: 0s}";
    };
    EXPECT_THAT(of_cluster("hold_timeouts: [" + entry("a") + ", " + entry("*") + "]"), IsEmpty());
    EXPECT_THAT(
        of_cluster("hold_timeouts: [" + entry("*") + ", " + entry("a") + "]"),
        ElementsAre(HasSubstr("hold_timeouts[1]: no client gets here"))
    );
}

TEST_F(config_warnings, name_routes_and_clusters_that_no_client_comes_to) {
    const auto with = [this](const std::string& routes) {
        return warnings_of(
            "listeners: {main: {address: '127.0.0.1:6432'}}\nscalers: ['127.0.0.1:9411']\n"
            "clusters:\n  app: {backend: 'h:1'}\n  other: {backend: 'h:2'}\nroutes:\n" +
            routes
        );
    };
    EXPECT_THAT(with("  - {database: a, cluster: other}\n  - {cluster: app}\n"), IsEmpty());
    EXPECT_THAT(with("  - {database: '{name}', cluster: '{name}'}\n"), IsEmpty());
    EXPECT_THAT(
        with("  - {database: '*', cluster: app}\n  - {database: a, cluster: other}\n"),
        ElementsAre("8: routes[1]: no client gets here: routes[0] fits every one; put that one last"
        )
    );
    EXPECT_THAT(
        with("  - {cluster: app}\n"),
        ElementsAre(
            "5: clusters.other: no route leads to it; add one to routes, or remove the cluster"
        )
    );
}

TEST_F(config_warnings_paths, start_from_the_folder_of_the_file) {
    write("users.txt", "\"ann\" \"" + verifier + "\"\n");
    write("password", "pencil\n");
    write("secret", std::string(32, 's'));
    const auto own = support::make_identity();
    write("tls/tls.crt", own.certificate_pem());
    write("tls/tls.key", own.key_pem());
    const auto config = load(
        "listeners: {main: {address: '127.0.0.1:6432', tls: {mode: required, directory: tls}}}\n"
        "verifier_cache: cache\ncancel: {secret_file: secret}\n"
        "clusters: {app: {backend: 'h:1', auth: scram, userlist: users.txt, "
        "probe: {user: m, password_file: password}, auth_query: {user: a, password_file: password},"
        " backend_tls: {mode: verify-ca, ca: tls/tls.crt, certificate: tls/tls.crt, "
        "key: tls/tls.key}}}\n"
    );
    const auto& app = config.clusters.at(0);
    EXPECT_EQ(config.verifier_cache, folder_.file("cache"));
    EXPECT_EQ(config.listeners.at(0).tls.directory, folder_.file("tls"));
    EXPECT_EQ(app.verifiers->files.path(), folder_.file("users.txt"));
    EXPECT_EQ(app.probe.password_file, folder_.file("password"));
    EXPECT_EQ(app.verifiers->query->password_file, folder_.file("password"));
    EXPECT_EQ(app.backend_tls.ca, folder_.file("tls/tls.crt"));
    EXPECT_EQ(app.backend_tls.certificate, folder_.file("tls/tls.crt"));
    EXPECT_EQ(app.backend_tls.key, folder_.file("tls/tls.key"));
}

TEST_F(config_warnings_paths, that_lead_nowhere_are_named_with_their_key) {
    std::filesystem::create_directory(folder_.file("folder"));
    const auto in = [this](const std::string& name) { return "'" + folder_.file(name) + "'"; };
    EXPECT_THAT(
        failure_of_cluster("auth: scram, userlist: none.txt"),
        testing::EndsWith(
            ":4:59: clusters.app.userlist: " + in("none.txt") +
            " is missing; give a file that this program may read"
        )
    );
    EXPECT_THAT(
        failure_of_cluster("auth: scram, userlist: folder"),
        HasSubstr("clusters.app.userlist: " + in("folder") + " is a folder, not a file")
    );
    EXPECT_THAT(
        failure_of_cluster("auth: scram, secret_directory: proxy.yaml"),
        HasSubstr("secret_directory: " + in("proxy.yaml") + " is a file, not a folder")
    );
    write("users.txt", "ann pencil\n");
    EXPECT_THAT(
        failure_of_cluster("auth: scram, userlist: users.txt"),
        HasSubstr(
            ":4:59: clusters.app.userlist: " + folder_.file("users.txt") +
            ":1: expected the role in double quotes"
        )
    );
    EXPECT_THAT(
        failure_of_cluster("backend_tls: {mode: verify-ca, ca: none.crt}"),
        HasSubstr("clusters.app.backend_tls.ca: " + in("none.crt") + " is missing")
    );
}

TEST_F(config_warnings_configured, rejects_a_server_that_is_its_own_listener) {
    const std::string own = "127.0.0.1:6432 is this proxy's own listener 'main', and what goes "
                            "there would come back without end; give the address of the server";
    EXPECT_THAT(
        failure_of_cluster("probe: {address: '127.0.0.1:6432'}"),
        testing::EndsWith("clusters.app.probe.address: " + own)
    );
    EXPECT_THAT(
        failure_of_cluster(
            "connect_timeout: 1s", "routes: [{cluster: app, backend: '127.0.0.1:6432'}]\n"
        ),
        testing::EndsWith(":5:34: routes[0].backend: " + own)
    );
    EXPECT_THAT(
        failure_of_cluster(
            "auth: scram, auth_query: {user: a, address: '127.0.0.1:6432'}", "verifier_cache: c\n"
        ),
        HasSubstr("clusters.app.auth_query.address: " + own)
    );
    const auto whole = [this](const std::string& listener, const std::string& backend) {
        return support::configuration_failure([&] {
            std::ignore = load(
                "listeners: {main: {address: '" + listener + "'}}\nclusters: {app: {backend: '" +
                backend + "'}}\n"
            );
        });
    };
    EXPECT_THAT(whole("*:5432", "localhost:5432"), HasSubstr(":2:27: clusters.app.backend: "));
    EXPECT_EQ(whole("127.0.0.2:5432", "127.0.0.1:5432"), "accepted");
}

} // namespace
} // namespace wakegate::proxy
