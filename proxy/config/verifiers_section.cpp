#include "proxy/config/verifiers_section.hpp"

#include "proxy/config/password_file.hpp"
#include "proxy/session/randomness.hpp"

namespace wakegate::proxy {
namespace {

auth_query_settings read_query(const yaml_map& from, const probe_settings& probe) {
    auth_query_settings query;
    query.address = from.address("address", probe.address);
    query.user = from.required_text("user");
    query.password_file = read_password_file(from);
    query.database = from.text("database", query.database);
    query.query = from.text("query", query.query);
    query.system_identifier = probe.system_identifier;
    query.tls = probe.tls;
    query.timeout = from.period("timeout", query.timeout, milliseconds(1));
    return query;
}

role_files open_files(const yaml_map& from) {
    const auto userlist = from.text("userlist", "");
    const auto directory = from.text("secret_directory", "");
    if (!userlist.empty() && !directory.empty()) {
        from.fail("secret_directory", "give either userlist or secret_directory, not both");
    }
    if (userlist.empty() && directory.empty() && !from.has("auth_query")) {
        from.fail("auth", "scram needs userlist: FILE, secret_directory: DIRECTORY or auth_query");
    }
    return {userlist, directory, [] {
                return random_bytes(auth::scram_verifier::default_salt_size);
            }};
}

} // namespace

std::optional<verifier_settings> read_verifiers(const yaml_map& from, const probe_settings& probe) {
    if (from.choice("auth", "passthrough", {"passthrough", "scram"}) == "passthrough") {
        for (const auto* const key : {"userlist", "secret_directory", "auth_query"}) {
            if (from.has(key)) {
                from.fail(key, "is read with auth: scram only");
            }
        }
        return std::nullopt;
    }
    auto files = open_files(from);
    auto roles = std::make_shared<auth::known_roles>(files.read_if_changed());
    verifier_settings made{.files = std::move(files), .roles = std::move(roles)};
    const auto query = from.map("auth_query");
    if (from.has("auth_query")) {
        made.query = read_query(query, probe);
        made.refresh_interval =
            query.period("refresh_interval", made.refresh_interval, milliseconds(1'000));
        made.max_age = query.period("max_age", made.max_age);
    }
    query.reject_unknown_keys();
    return made;
}

} // namespace wakegate::proxy
