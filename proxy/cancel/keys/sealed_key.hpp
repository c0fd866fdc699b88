#pragma once

#include "proxy/cancel/cancel_target.hpp"
#include "proxy/cancel/keys/cancel_secrets.hpp"

#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace wakegate::proxy {

/// Finds a cluster by its name; null when there is none.
using endpoint_finder = std::function<const backend_endpoint*(std::string_view cluster)>;

/// A cancel key for protocol 3.2 that holds its own target, so that any replica can serve it and
/// none keeps a list. In BackendKeyData and CancelRequest, with sizes in bytes:
///
///     process id    4   the backend's own, which clients show; authenticated
///     version       1   2
///     secret's id   4
///     nonce        12   random
///     sealed        n   1 byte for the size of the cluster's name, the name, the server's address
///                       (16 bytes, IPv4 wrapped in IPv6), its port (2), the backend's secret
///     tag          16   AES-256-GCM, over all before it as well
///
/// Random nonces are good for 2^32 keys per secret (NIST SP 800-38D, 8.3): at 100 logins a second,
/// more than a year.
///
/// Nothing when it would be longer than the 256 bytes the protocol allows behind the process id
/// (message formats, BackendKeyData), which leaves 204 for name and secret together, when the
/// address means something on this machine alone (it has a scope), when `backend_key` is none, or
/// when OpenSSL has no random bytes.
///
/// `cluster`: the name of the target's.
[[nodiscard]] std::optional<std::string> seal_cancel_key(
    const cancel_secrets& secrets, std::string_view cluster, const cancel_target& target
);

/// Nothing for keys that these secrets have not sealed: foreign, truncated, altered, or of a secret
/// that has been replaced. A key is valid as long as its secret, but useless after its session: the
/// server then knows no backend with that process id and secret. The target's cluster is null when
/// `find` knows none of that name.
[[nodiscard]] std::optional<cancel_target>
open_cancel_key(const cancel_secrets& secrets, std::string_view key, const endpoint_finder& find);

} // namespace wakegate::proxy
