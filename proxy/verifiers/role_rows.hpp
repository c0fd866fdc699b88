#pragma once

#include "proxy/auth/verifier_cache.hpp"
#include "proxy/libpq/auth_query.hpp"

#include <boost/system/result.hpp>

#include <chrono>
#include <string>
#include <vector>

namespace wakegate::proxy {

/// The roles in a server's answer.
struct server_roles {
    std::vector<auth::cached_verifier> roles;
    std::vector<std::string> without_verifier; ///< an md5 hash, or no password: can't log in here
};

/// Reads the rows that `cluster` gave at `now`, or says why they are invalid. Pure.
[[nodiscard]] boost::system::result<server_roles, auth_query_error> read_role_rows(
    const std::string& cluster, const std::vector<role_row>& rows, std::chrono::sys_seconds now
);

} // namespace wakegate::proxy
