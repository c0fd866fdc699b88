#pragma once

#include "proxy/cancel/cancel_secrets.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace wakegate::proxy {

/// Whose a cancel key of protocol 3.0 is: no more than 64 bits of it, so it only names the session,
/// and the replica whose session it is knows the rest.
struct short_key {
    static constexpr std::uint32_t max_replica = (1U << 9) - 1;
    static constexpr std::uint32_t max_session = (1U << 22) - 1;

    std::uint32_t replica = 0;
    std::uint32_t session = 1; ///< 1 to max_session; 0 would let the first one's process id be 0

    friend bool operator==(const short_key&, const short_key&) = default;
};

/// What stands in BackendKeyData: in place of the process id a 0 bit (clients take it for a signed
/// number), 9 bits of replica and 22 of session; in place of the secret 32 bits of HMAC-SHA256 over
/// them, as many as Postgres' own secret has there.
///
/// A key says the same whenever its numbers do. So a session's number must not come again soon:
/// count on from a random start, past those in use, and a key that outlived its session finds
/// another one only four million logins later.
[[nodiscard]] std::string make_short_key(const cancel_secrets& secrets, const short_key& whose);

struct parsed_short_key {
    short_key whose;
    bool authentic = false; ///< made with one of these secrets; decided in constant time
};

/// Nothing when `key` has no such form. What is not authentic must be dropped, by the replica that
/// was asked already, so that a guess costs nobody a hop.
[[nodiscard]] std::optional<parsed_short_key>
parse_short_key(const cancel_secrets& secrets, std::string_view key);

} // namespace wakegate::proxy
