#pragma once

#include "proxy/auth/scram_verifier.hpp"

#include <string>
#include <string_view>
#include <variant>

namespace wakegate::auth {

/// What the operator has given for a role: a verifier, or the password itself.
using role_secret = std::variant<scram_verifier, secret_text>;

/// PgBouncer's bound of a secret (bouncer.h, MAX_PASSWORD), which follows from Postgres' own.
inline constexpr std::size_t max_secret_size = 65'531;

/// Tells verifier, md5 hash and password apart as Postgres does (crypt.c, get_password_type).
/// Throws configuration_error, one line that begins with `place` and never holds the secret, for
/// an empty text, a damaged verifier, or an md5 hash.
[[nodiscard]] role_secret
read_role_secret(std::string_view text, std::string_view role, const std::string& place);

} // namespace wakegate::auth
