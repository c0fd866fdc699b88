#pragma once

#include "common/clock.hpp"
#include "proxy/backend/endpoint.hpp"
#include "proxy/cluster/cluster.hpp"
#include "proxy/gate/session_identity.hpp"
#include "proxy/route/wake_class.hpp"
#include "proxy/session/authenticate_client.hpp"
#include "proxy/session/client_group.hpp"

#include <cstdint>
#include <string>

namespace wakegate::proxy {

/// All that a waiting session has to remember: there may be thousands, so no more.
struct session_request {
    cluster* target;
    client_group_ptr group; ///< for reports
    const backend_endpoint* endpoint;
    std::string startup;     ///< for the server; the ClientHello where TLS passes through
    session_identity client; ///< its peer stays empty until it is needed
    bool tls_passthrough = false;
    backend_credentials credentials; ///< null with `auth: passthrough`: the server checks the login
    wake_class wake;
    connection_kind connection = connection_kind::ordinary; ///< allowed kind
    std::uint32_t protocol = 0; ///< agreed on with the client; with `credentials` only
    time_point deadline;        ///< of the hold
};

} // namespace wakegate::proxy
