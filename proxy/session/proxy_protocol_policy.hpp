#pragma once

#include "common/cidr.hpp"

#include <algorithm>
#include <vector>

namespace wakegate::proxy {

/// Who may say, in front of its first words, for whom it speaks (PROXY protocol, version 2).
/// Immutable.
struct proxy_protocol_policy {
    enum class mode {
        off,      ///< nobody; a header is malformed, as any other first word that is none
        optional, ///< those who are trusted; others speak for themselves
        required, ///< only those who are trusted and do so are served
    };

    mode policy = mode::off;
    std::vector<cidr> trusted; ///< by the address of the connection itself

    [[nodiscard]] bool trusts(const ip_address& sender) const {
        return std::any_of(trusted.begin(), trusted.end(), [&sender](const cidr& network) {
            return network.contains(sender);
        });
    }
};

} // namespace wakegate::proxy
