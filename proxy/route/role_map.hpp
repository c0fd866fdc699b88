#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace wakegate::proxy {

/// One line of `client_roles`. Both are patterns, see `matches`; a `name` that holds "{role}" is
/// plain text around the role that the client asks for.
struct role_rule {
    std::string name; ///< one that a certificate carries
    std::string role;
};

/// Which roles the bearer of a certificate may log in as. Case counts: to Postgres, Ann and ann are
/// two. Immutable; any thread.
class role_map {
public:
    role_map() = default; ///< has nothing to say

    /// Throws `configuration_error` "name: 'TEXT': REASON" for braces around anything else.
    explicit role_map(std::vector<role_rule> rules);

    [[nodiscard]] bool empty() const noexcept { return rules_.empty(); }

    /// One rule fits `role` and one of `names`.
    [[nodiscard]] bool allows(const std::vector<std::string>& names, std::string_view role) const;

private:
    std::vector<role_rule> rules_;
};

} // namespace wakegate::proxy
