#pragma once

#include "proxy/cancel/cancel_target.hpp"
#include "proxy/cancel/keys/cancel_secrets.hpp"
#include "proxy/cancel/keys/sealed_key.hpp"

#include <string_view>
#include <variant>

namespace wakegate::proxy {

/// Nothing is done. A client never gets an answer, as the protocol demands (message flow,
/// "Canceling Requests in Progress"), so it learns of no session, cluster or replica.
struct drop_cancel {
    /// The key is not from this installation. It may be a server's own, not seen here.
    bool is_foreign = false;

    friend bool operator==(const drop_cancel&, const drop_cancel&) = default;
};

/// This replica does not know the key; another one may.
struct try_peers {
    /// The key is from this installation. Any other may be a server's own, or a guess.
    bool is_verified = false;

    friend bool operator==(const try_peers&, const try_peers&) = default;
};

using cancel_lookup = std::variant<drop_cancel, cancel_target, try_peers>;

/// Decides whether a key that this replica can't resolve goes to the peers.
struct key_scope {
    bool may_try_peers = false;
    /// Some clients hold keys of their servers, which cannot be verified.
    bool has_server_keys = false;
};

/// Locates the session of a key that is not in the registry. `find` gives the clusters that may
/// have a session to cancel; a sealed key of another one is dropped.
[[nodiscard]] cancel_lookup locate_key(
    const cancel_secrets& secrets,
    std::string_view key,
    const key_scope& scope,
    const endpoint_finder& find
);

} // namespace wakegate::proxy
