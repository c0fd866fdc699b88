#pragma once

#include "proxy/auth/role_book.hpp"

#include <memory>
#include <mutex>
#include <string_view>

namespace wakegate::auth {

/// Who may log in to one cluster, as it is known now. Any thread: whoever logs in looks names up
/// while the control thread replaces a whole book. A login goes on with what it has found.
class known_roles {
public:
    explicit known_roles(std::shared_ptr<const role_book> from_files);

    /// Null for a role that nobody knows. What the operator has written goes before what the server
    /// has told, as with PgBouncer's auth_file and auth_query.
    [[nodiscard]] std::shared_ptr<const known_role> find(std::string_view role) const;

    /// Nobody is known by either source, so nobody can log in.
    [[nodiscard]] bool empty() const;

    /// The server has told the role, and nothing by which it could log in here.
    [[nodiscard]] bool lacks_verifier(std::string_view role) const;

    [[nodiscard]] std::size_t told_by_server() const;

    // Neither book is ever null.
    void replace_files(std::shared_ptr<const role_book> book);
    void replace_server(std::shared_ptr<const role_book> book);

private:
    mutable std::mutex mutex_;
    std::shared_ptr<const role_book> from_files_;
    std::shared_ptr<const role_book> from_server_;
};

} // namespace wakegate::auth
