#pragma once

#include "proxy/auth/userlist.hpp"

#include <string>
#include <vector>

namespace wakegate::auth {

/// Reads a mounted Secret's directory: each file is a role. Names that begin with a dot are passed
/// over (Kubernetes keeps `..data` there and swaps it whole), so are directories. Reads files:
/// while loading configuration only. Throws configuration_error with the path and the reason.
[[nodiscard]] role_secrets load_secret_directory(const std::string& directory);

/// Reads a userlist file, see `parse_userlist`; throws like it.
[[nodiscard]] role_secrets load_userlist(const std::string& file);

/// Of such a file, see `repeated_roles`; throws like it.
[[nodiscard]] std::vector<repeated_role> load_repeated_roles(const std::string& file);

} // namespace wakegate::auth
