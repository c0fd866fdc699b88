#pragma once

#include "proxy/route/role_map.hpp"
#include "proxy/session/proxy_protocol_policy.hpp"
#include "proxy/tls/listener_tls.hpp"

#include <memory>
#include <string>

namespace wakegate::proxy {

/// A listener, as its sessions see it. Immutable except certificates; outlives sessions.
struct listener {
    std::string name;
    std::unique_ptr<tls::listener_tls> tls; ///< null: no TLS
    bool tls_passthrough = false;           ///< TLS is passed through
    bool broadcast_cancels = false;         ///< unencrypted ones; with `tls_passthrough`
    proxy_protocol_policy proxy_protocol;
    role_map roles; ///< by clients' certificates (`client_roles`); empty: any role
};

} // namespace wakegate::proxy
