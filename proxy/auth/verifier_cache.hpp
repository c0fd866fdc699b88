#pragma once

#include "proxy/auth/scram_verifier.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace wakegate::auth {

/// One role of one cluster, as `auth_query` reported it. Times are by the wall clock, since they
/// outlive the process.
struct cached_verifier {
    std::string cluster;
    std::string role;
    scram_verifier verifier;
    std::optional<std::chrono::sys_seconds> valid_until = {}; ///< absent: 'infinity' or NULL
    std::chrono::sys_seconds fetched_at{};

    friend bool operator==(const cached_verifier&, const cached_verifier&) = default;
};

/// The cache as text, so that an operator can look at it and delete a line:
///
///     wakegate verifier cache 1
///     cluster<TAB>role<TAB>SCRAM-SHA-256$...<TAB>valid_until<TAB>fetched_at
///     end 1
///
/// Times are seconds since 1970, or "-" for none. In names a backslash, tab, line feed and carriage
/// return are written \\, \t, \n, \r. The last line counts the roles, so a truncated file is
/// detected.
[[nodiscard]] std::string write_verifier_cache(const std::vector<cached_verifier>& roles);

/// The roles, or why the text is no cache: "line 3: reason", without secrets. All or nothing: a
/// damaged file is not trusted, and the next wake fills it again.
[[nodiscard]] std::variant<std::vector<cached_verifier>, std::string>
parse_verifier_cache(std::string_view text);

} // namespace wakegate::auth
