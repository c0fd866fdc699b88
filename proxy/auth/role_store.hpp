#pragma once

#include "proxy/auth/role_table.hpp"

#include <memory>
#include <mutex>
#include <string_view>

namespace wakegate::auth {

/// Who may log in to one cluster, as it is known now. Any thread: whoever logs in looks names up
/// while the control thread replaces a whole book. A login goes on with what it has found.
class role_store {
public:
    explicit role_store(std::shared_ptr<const role_table> from_files);

    /// Null for a role that nobody knows. What the operator has written goes before what the server
    /// has told, as with PgBouncer's auth_file and auth_query.
    [[nodiscard]] std::shared_ptr<const role_entry> find(std::string_view role) const;

    /// Nobody is known by either source, so nobody can log in.
    [[nodiscard]] bool empty() const;

    /// The server has told the role, and nothing by which it could log in here.
    [[nodiscard]] bool lacks_verifier(std::string_view role) const;

    [[nodiscard]] std::size_t server_role_count() const;

    // Neither book is ever null.
    void replace_file_roles(std::shared_ptr<const role_table> book);
    void replace_server_roles(std::shared_ptr<const role_table> book);

private:
    mutable std::mutex mutex_;
    std::shared_ptr<const role_table> from_files_;
    std::shared_ptr<const role_table> from_server_;
};

} // namespace wakegate::auth
