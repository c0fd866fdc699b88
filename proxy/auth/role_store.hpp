#pragma once

#include "proxy/auth/role_table.hpp"

#include <memory>
#include <mutex>
#include <string_view>

namespace wakegate::auth {

/// The roles that may log in to one cluster, from files and from the server. Any thread: logins
/// look roles up while the control thread replaces a whole table; a login keeps the entry that it
/// found.
class role_store {
public:
    explicit role_store(std::shared_ptr<const role_table> file_roles);

    /// Null for an unknown role. Files take precedence over the server, as with PgBouncer's
    /// auth_file and auth_query.
    [[nodiscard]] std::shared_ptr<const role_entry> find(std::string_view role) const;

    /// Neither source has a role, so nobody can log in.
    [[nodiscard]] bool empty() const;

    /// The server has the role, but no verifier for it: it can't log in here.
    [[nodiscard]] bool lacks_verifier(std::string_view role) const;

    [[nodiscard]] std::size_t server_role_count() const;

    // Never null.
    void replace_file_roles(std::shared_ptr<const role_table> table);
    void replace_server_roles(std::shared_ptr<const role_table> table);

private:
    mutable std::mutex mutex_;
    std::shared_ptr<const role_table> file_roles_;
    std::shared_ptr<const role_table> server_roles_;
};

} // namespace wakegate::auth
