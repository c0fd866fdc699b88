#pragma once

#include "proxy/auth/role_secret.hpp"

#include <cstddef>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace wakegate::auth {

/// By role, its name truncated as by servers (wire::truncate_name). A map, because Postgres' names
/// are case-sensitive and may contain any byte.
using role_secrets = std::map<std::string, role_secret, std::less<>>;

/// PgBouncer's authentication file (its manual, "Authentication file format", and loader.c):
///
///     ; a comment
///     "role" "verifier or password"   the rest of the line is ignored
///
/// A quote inside either is doubled. The last of several lines for a role counts, as in PgBouncer.
/// Stricter than PgBouncer in one thing: only blanks may separate the two. Throws
/// configuration_error "file:line: reason".
[[nodiscard]] role_secrets parse_userlist(std::string_view text, const std::string& file);

/// A role that has several lines of a userlist; of these the last counts.
struct repeated_role {
    std::string role;
    std::size_t first_line = 0;
    std::size_t last_line = 0;

    friend bool operator==(const repeated_role&, const repeated_role&) = default;
};

/// By the roles' names. Throws like `parse_userlist`.
[[nodiscard]] std::vector<repeated_role>
repeated_roles(std::string_view text, const std::string& file);

/// A mounted Secret: the names of its files are the roles, their contents the secrets; one line
/// end at the end is dropped. Throws configuration_error "directory/role: reason".
[[nodiscard]] role_secrets
read_secret_files(const std::map<std::string, std::string>& contents, const std::string& directory);

} // namespace wakegate::auth
