#pragma once

#include "proxy/auth/userlist.hpp"

#include <string>
#include <vector>

namespace wakegate::auth {

/// Reads a mounted Secret's directory: each file is a role. Skips directories, and names that begin
/// with a dot (Kubernetes keeps `..data` there and replaces it as a whole). Blocks on the disk:
/// while loading configuration only. Throws configuration_error with the path and the reason.
[[nodiscard]] role_secrets load_secret_directory(const std::string& directory);

/// Reads a userlist file, see `parse_userlist`; throws like it.
[[nodiscard]] role_secrets load_userlist(const std::string& file);

/// The `repeated_roles` of such a file; throws like it.
[[nodiscard]] std::vector<repeated_role> load_repeated_roles(const std::string& file);

} // namespace wakegate::auth
