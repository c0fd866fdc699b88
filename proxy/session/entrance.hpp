#pragma once

#include "proxy/route/role_map.hpp"
#include "proxy/session/proxy_header_rules.hpp"
#include "proxy/tls/listener_tls.hpp"

#include <memory>
#include <string>

namespace wakegate::proxy {

/// A listener, as its sessions know it. Immutable but for the certificates; outlives them.
struct entrance {
    std::string name;
    std::unique_ptr<tls::listener_tls> tls; ///< null: it has none
    bool passes_through = false;            ///< TLS is the server's
    bool broadcasts_cancels = false;        ///< those in the clear; where TLS passes through
    proxy_header_rules proxied;             ///< who may speak for clients
    role_map roles; ///< by clients' certificates; empty: those say nothing about roles
};

} // namespace wakegate::proxy
