#pragma once

#include "proxy/cancel/keys/cancel_secrets.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace wakegate::proxy {

/// The largest nonce: it has 20 bits, see `make_short_key`.
inline constexpr std::uint32_t max_short_key_nonce = (1U << 20) - 1;

/// A cancel key for protocol 3.0, which has room for 64 bits. What stands in BackendKeyData:
///
///     process id    4 bytes   the backend's own, since clients compare it with pg_backend_pid()
///     nonce        20 bits    random, new for each session
///     check        12 bits    the first of HMAC-SHA256 over process id and nonce
///
/// Nothing can be read in it, so the replica whose session it is knows all its keys and compares
/// them whole: to whoever has not the secret 32 bits of one are unpredictable, as in Postgres' own.
/// The check lets any replica tell a key of this installation from a foreign one, wrong once in
/// 4,096 times. A process id that comes again has another nonce, but for once in a million times.
///
/// `process_id`: 4 bytes. `nonce`: 0 to `max_short_key_nonce`.
[[nodiscard]] std::string
make_short_key(const cancel_secrets& secrets, std::string_view process_id, std::uint32_t nonce);

/// Made with one of these secrets, as far as the check tells; in constant time. It is for load
/// alone: what fits no session's whole key stops no query.
[[nodiscard]] bool verify_short_key(const cancel_secrets& secrets, std::string_view key);

} // namespace wakegate::proxy
