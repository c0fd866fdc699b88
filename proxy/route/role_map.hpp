#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace wakegate::proxy {

/// One line of `client_roles`. Both are patterns, see `matches`; a `name` with "{role}" is plain
/// text around the role that the client asks for.
struct role_rule {
    std::string name; ///< a name in the certificate
    std::string role;
};

/// Which roles the holder of a certificate may log in as. Case-sensitive: Postgres tells Ann from
/// ann. Immutable; any thread.
class role_map {
public:
    role_map() = default; ///< no rules: not in use

    /// Throws `configuration_error` "name: 'TEXT': REASON" for any other placeholder.
    explicit role_map(std::vector<role_rule> rules);

    [[nodiscard]] bool empty() const noexcept { return rules_.empty(); }

    /// One rule fits `role` and one of `names`.
    [[nodiscard]] bool allows(const std::vector<std::string>& names, std::string_view role) const;

private:
    std::vector<role_rule> rules_;
};

} // namespace wakegate::proxy
