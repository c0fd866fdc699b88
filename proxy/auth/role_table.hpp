#pragma once

#include "proxy/auth/userlist.hpp"
#include "proxy/auth/verifier_cache.hpp"

#include <chrono>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace wakegate::auth {

/// The proxy's credentials at the server for a client: keys recovered from the client's proof, or
/// the password that the operator has given in plain text.
using backend_secret = std::variant<scram_login_keys, secret_text>;

/// What is known of one role.
struct role_entry {
    scram_verifier verifier;
    std::optional<secret_text> password = {}; ///< only when it was given in plain text
    /// By the wall clock; known from servers only. Absent: it does not expire.
    std::optional<std::chrono::sys_seconds> valid_until = {};

    [[nodiscard]] bool is_valid_at(std::chrono::sys_seconds now) const noexcept {
        return !valid_until || now < *valid_until;
    }
};

/// The roles of one cluster from one source. Immutable after construction; any thread.
class role_table {
public:
    role_table() = default;

    /// Takes a millisecond for each password in plain text: its verifier is made here, with a salt
    /// from `make_salt` (scram_verifier::default_salt_size random bytes), unless `previous` has one
    /// of the same password.
    role_table(
        const role_secrets& secrets,
        const std::function<std::string()>& make_salt,
        const role_table* previous = nullptr
    );

    /// `without_verifier`: roles that the server has reported, and that can't log in here.
    explicit role_table(
        const std::vector<cached_verifier>& from_server,
        const std::vector<std::string>& without_verifier = {}
    );

    /// Null for a role that is not in it.
    [[nodiscard]] const role_entry* find(std::string_view role) const noexcept;

    /// A server has reported it with an md5 hash or without a password. Not kept in the cache.
    [[nodiscard]] bool lacks_verifier(std::string_view role) const {
        return without_verifier_.contains(role);
    }

    [[nodiscard]] std::size_t size() const noexcept { return roles_.size(); }

private:
    std::map<std::string, role_entry, std::less<>> roles_;
    std::set<std::string, std::less<>> without_verifier_;
};

} // namespace wakegate::auth
