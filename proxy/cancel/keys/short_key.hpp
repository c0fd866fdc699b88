#pragma once

#include "proxy/cancel/keys/cancel_secrets.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace wakegate::proxy {

/// The largest nonce: it has 20 bits, see `make_short_key`.
inline constexpr std::uint32_t max_short_key_nonce = (1U << 20) - 1;

/// A cancel key for protocol 3.0, which has room for 64 bits. In BackendKeyData:
///
///     process id    4 bytes   the backend's own, since clients compare it with pg_backend_pid()
///     nonce        20 bits    random, new for each session
///     check        12 bits    the first of HMAC-SHA256 over process id and nonce
///
/// It holds no target: only the replica that has the session can resolve it, and compares all 64
/// bits. Without the secret 32 of them are unpredictable, as in Postgres' own keys. The check lets
/// any replica tell a key of this installation from a foreign one; 1 of 4,096 foreign keys passes
/// it. Two sessions with the same process id get the same nonce once in a million times.
///
/// `process_id`: 4 bytes. `nonce`: 0 to `max_short_key_nonce`.
[[nodiscard]] std::string
make_short_key(const cancel_secrets& secrets, std::string_view process_id, std::uint32_t nonce);

/// Whether the check fits one of these secrets; in constant time. Only limits load: a query is
/// cancelled only by its session's whole key.
[[nodiscard]] bool verify_short_key(const cancel_secrets& secrets, std::string_view key);

} // namespace wakegate::proxy
