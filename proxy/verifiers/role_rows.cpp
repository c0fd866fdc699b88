#include "proxy/verifiers/role_rows.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <optional>
#include <set>
#include <string_view>
#include <utility>

namespace wakegate::proxy {
namespace {

using std::chrono::sys_seconds;

// Year 9999: later times are errors.
constexpr std::int64_t latest_second = 253'402'300'799;

std::optional<std::int64_t> whole_seconds(std::string_view text) {
    std::int64_t value = 0;
    const auto* const end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, value);
    return error == std::errc() && stop == end ? std::optional(value) : std::nullopt;
}

auth_query_error unusable(std::string reason) {
    return {.reason = std::move(reason), .reached = true};
}

/// False: not a time at all.
bool read_validity(const role_row& row, std::optional<sys_seconds>& valid_until) {
    if (!row.valid_until) {
        return true;
    }
    const auto value = whole_seconds(*row.valid_until);
    if (value && *value <= latest_second) {
        valid_until = sys_seconds(std::chrono::seconds(std::max<std::int64_t>(*value, 0)));
    }
    return value.has_value();
}

} // namespace

boost::system::result<server_roles, auth_query_error>
read_role_rows(const std::string& cluster, const std::vector<role_row>& rows, sys_seconds now) {
    server_roles found;
    std::set<std::string_view> names;
    for (const auto& row : rows) {
        if (row.role.empty() || !names.insert(row.role).second) {
            return unusable(
                fmt::format("auth_query.query gives role \"{}\" twice, or without a name", row.role)
            );
        }
        std::optional<sys_seconds> valid_until;
        if (!read_validity(row, valid_until)) {
            return unusable(fmt::format(
                "auth_query.query gives role \"{}\" a third column that is no whole number of "
                "seconds since 1970",
                row.role
            ));
        }
        auto verifier = auth::scram_verifier::parse(row.verifier);
        if (!verifier) {
            found.without_verifier.push_back(row.role);
            continue;
        }
        found.roles.push_back({cluster, row.role, *std::move(verifier), valid_until, now});
    }
    if (found.roles.empty()) {
        return unusable(fmt::format(
            "auth_query.query gives no role with a SCRAM-SHA-256 verifier ({} without)",
            found.without_verifier.size()
        ));
    }
    return found;
}

} // namespace wakegate::proxy
