#pragma once

#include "proxy/auth/role_table.hpp"

#include <functional>
#include <memory>
#include <string>

namespace wakegate::proxy {

/// The operator's own list of one cluster's roles: a userlist, a mounted Secret's directory, or
/// none. Reads files; lives on one thread.
class role_files {
public:
    using salt_source = std::function<std::string()>;

    /// An empty path: there is none.
    role_files(std::string userlist, std::string directory, salt_source make_salt);

    /// The roles at the first call, and when their files have changed since the last; else null.
    /// Throws `configuration_error` while they can't be used, at each call: what is wrong may not
    /// be in the files.
    [[nodiscard]] std::shared_ptr<const auth::role_table> read_if_changed();

    /// For a log.
    [[nodiscard]] const std::string& path() const noexcept {
        return userlist_.empty() ? directory_ : userlist_;
    }

private:
    [[nodiscard]] std::string state() const;
    [[nodiscard]] auth::role_secrets read() const;

    std::string userlist_;
    std::string directory_;
    salt_source make_salt_;
    bool was_read_ = false;
    std::string state_;                             ///< of the files that `table_` is from
    std::shared_ptr<const auth::role_table> table_; ///< the last usable one
};

} // namespace wakegate::proxy
