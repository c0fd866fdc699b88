#include "proxy/config/verifiers_section.hpp"

#include "common/configuration_error.hpp"
#include "common/input_file.hpp"
#include "common/random.hpp"
#include "proxy/auth/secret_directory.hpp"
#include "proxy/config/password_file.hpp"
#include "proxy/config/secret_mode.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <variant>

namespace wakegate::proxy {
namespace {

auth_query_settings read_query(const yaml_map& node, const probe_settings& probe) {
    auth_query_settings query;
    query.address = node.address("address", probe.address);
    query.user = node.required_text("user");
    query.password_file = read_password_file_key(node);
    query.database = node.text("database", query.database);
    query.query = node.text("query", query.query);
    query.system_identifier = probe.system_identifier;
    query.tls = probe.tls;
    query.timeout = node.period("timeout", query.timeout, milliseconds(1));
    return query;
}

/// What others could read in the file, for the warning.
std::string_view worth_of(const auth::role_secrets& secrets) {
    const bool has_password = std::ranges::any_of(secrets, [](const auto& entry) {
        return std::holds_alternative<auth::secret_text>(entry.second);
    });
    return has_password ? "passwords in plain text"
                        : "verifiers, by which passwords can be guessed";
}

/// Errors name the file and its line; this adds the key and its place.
auth::role_secrets load_or_fail(
    const yaml_map& node,
    std::string_view key,
    auth::role_secrets (*load)(const std::string&),
    const std::string& path
) {
    try {
        return load(path);
    } catch (const configuration_error& problem) {
        node.fail(key, problem.what());
    }
}

void check_userlist(const yaml_map& node) {
    constexpr auto key = "userlist";
    const auto file = node.file(key);
    const auto secrets = load_or_fail(node, key, auth::load_userlist, file);
    if (secrets.empty() && !node.has("auth_query")) {
        node.warn(
            key,
            fmt::format(
                "'{}' names no role, so nobody can log in; write one a line: \"role\" "
                "\"SCRAM-SHA-256$...\"",
                file
            )
        );
    }
    for (const auto& [role, first, last] : auth::load_repeated_roles(file)) {
        constexpr auto reason =
            "'{}' names role \"{}\" in line {} and in line {}, which counts; remove the others";
        node.warn(key, fmt::format(reason, file, role, first, last));
    }
    if (!secrets.empty()) {
        warn_if_others_can_read(node, key, file, worth_of(secrets));
    }
}

void check_secret_directory(const yaml_map& node) {
    constexpr auto key = "secret_directory";
    const auto directory = node.folder(key);
    const auto secrets = load_or_fail(node, key, auth::load_secret_directory, directory);
    if (secrets.empty() && !node.has("auth_query")) {
        node.warn(
            key,
            fmt::format(
                "'{}' names no role, so nobody can log in; put a file into it for each role",
                directory
            )
        );
    }
    for (const auto& [role, secret] : secrets) {
        const auto file = directory + "/" + role;
        if (mode_open_to_others(file)) {
            warn_if_others_can_read(node, key, file, worth_of(secrets));
            break; // one is enough: a mount has one mode for all
        }
    }
}

role_files open_files(const yaml_map& node) {
    const auto userlist = node.path("userlist");
    const auto directory = node.path("secret_directory");
    if (!userlist.empty() && !directory.empty()) {
        node.fail("secret_directory", "give either userlist or secret_directory, not both");
    }
    if (userlist.empty() && directory.empty() && !node.has("auth_query")) {
        node.fail("auth", "scram needs userlist: FILE, secret_directory: DIRECTORY or auth_query");
    }
    if (!userlist.empty()) {
        check_userlist(node);
    }
    if (!directory.empty()) {
        check_secret_directory(node);
    }
    return {userlist, directory, [] {
                return random_bytes(auth::scram_verifier::default_salt_size);
            }};
}

} // namespace

std::optional<verifier_settings> read_verifiers(const yaml_map& node, const probe_settings& probe) {
    if (node.choice("auth", "passthrough", {"passthrough", "scram"}) == "passthrough") {
        for (const auto* const key : {"userlist", "secret_directory", "auth_query"}) {
            if (node.has(key)) {
                node.fail(key, "is read with auth: scram only");
            }
        }
        return std::nullopt;
    }
    auto files = open_files(node);
    auto roles = std::make_shared<auth::role_store>(files.read_if_changed());
    verifier_settings settings{.files = std::move(files), .roles = std::move(roles)};
    const auto query = node.map("auth_query");
    if (node.has("auth_query")) {
        settings.query = read_query(query, probe);
        settings.refresh_interval =
            query.period("refresh_interval", settings.refresh_interval, milliseconds(1'000));
        settings.max_age = query.period("max_age", settings.max_age);
    }
    query.reject_unknown_keys();
    return settings;
}

} // namespace wakegate::proxy
