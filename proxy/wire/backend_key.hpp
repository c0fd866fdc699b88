#pragma once

#include <string>
#include <string_view>

namespace wakegate::wire {

/// A server's messages between AuthenticationOk and its first ReadyForQuery, split at its cancel
/// key: `before + after` is all of them but the BackendKeyData.
struct split_login_reply {
    std::string before;
    std::string key;   ///< process id and secret, 8 to 260 bytes; empty: it gave none
    std::string after; ///< empty when it gave none
};

/// No BackendKeyData is left in what this gives, so that a client never learns the server's own
/// key: one of a size no CancelRequest can carry is dropped, and of several the last one counts, as
/// with libpq. What follows the first ReadyForQuery, or a length no message can have, stays as it
/// is.
[[nodiscard]] split_login_reply split_at_backend_key(std::string_view reply);

} // namespace wakegate::wire
