#pragma once

#include "common/cidr.hpp"
#include "proxy/cancel/cancel_secrets.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace wakegate::proxy {

/// Whose query a CancelRequest is to stop.
struct cancel_target {
    std::string cluster;
    ip_address address; ///< of the server, where its session is; the name may lead elsewhere now
    std::uint16_t port = 0; ///< likewise
    /// As the server sent it in BackendKeyData: process id (4 bytes) and secret.
    std::string backend_key;

    friend bool operator==(const cancel_target&, const cancel_target&) = default;
};

/// A cancel key for protocol 3.2 that says itself where it belongs, so any replica can serve it
/// and none keeps a list. What stands in BackendKeyData and in CancelRequest:
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
[[nodiscard]] std::optional<std::string>
seal_cancel_key(const cancel_secrets& secrets, const cancel_target& target);

/// Nothing for whatever these secrets have not sealed: foreign, cut off, changed by a bit, of a
/// secret that has been replaced. A key stays good as long as its secret; what ends it is its
/// session, whose backend no longer answers to that process id and secret.
[[nodiscard]] std::optional<cancel_target>
open_cancel_key(const cancel_secrets& secrets, std::string_view key);

} // namespace wakegate::proxy
