#pragma once

#include "proxy/auth/secret.hpp"

#include <string_view>

namespace wakegate::auth {

/// The password that SCRAM hashes: prepared by SASLprep (RFC 4013), or `password` as it is when it
/// is not UTF-8 or SASLprep forbids it, as Postgres and libpq do it (src/common/saslprep.c,
/// pg_saslprep; RFC 5802 would have such a password refused).
///
/// Follows Postgres where the RFC differs: forbidden code points, those unassigned in Unicode 3.2
/// and mixed direction are looked for before the text is normalised to NFKC, not afterwards.
/// Compared with Postgres 15's function, every assigned code point of the first planes in six
/// contexts and two million random texts gave the same result (tests/golden has the odd ones).
/// Known to differ: a composition blocked by a mark between its two halves (Unicode's PR-29),
/// which libidn, normalising by Unicode 3.2, still makes.
[[nodiscard]] secret_text saslprep(std::string_view password);

} // namespace wakegate::auth
