#pragma once

#include "common/cidr.hpp"

#include <algorithm>
#include <vector>

namespace wakegate::proxy {

/// `proxy_protocol.mode` of a listener.
enum class proxy_protocol_mode {
    off,      ///< reads no headers; one is a malformed startup message
    optional, ///< trusted senders may send a header; all others are the clients
    required, ///< only trusted senders with a header are served
};

/// Who may send a PROXY header (version 2) before a client's bytes. Immutable.
struct proxy_protocol_policy {
    proxy_protocol_mode mode = proxy_protocol_mode::off;
    std::vector<cidr> trusted; ///< the connection's own addresses

    [[nodiscard]] bool trusts(const ip_address& sender) const {
        return std::any_of(trusted.begin(), trusted.end(), [&sender](const cidr& network) {
            return network.contains(sender);
        });
    }
};

} // namespace wakegate::proxy
