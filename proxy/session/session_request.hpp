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

/// All that a waiting session has to remember, and no more: there may be thousands.
struct session_request {
    cluster* target;
    client_group_ptr group; ///< in reports
    const backend_endpoint* endpoint;
    std::string startup;     ///< for the server; the ClientHello where TLS passes through
    session_identity client; ///< without its peer until that is asked for
    bool tls_passthrough = false;
    backend_credentials credentials; ///< null in `auth: passthrough`: the server asks for the proof
    wake_class wake;
    connection_kind connection = connection_kind::ordinary; ///< it may use
    std::uint32_t protocol = 0; ///< agreed on with the client; when there are `credentials`
    time_point deadline;        ///< of the hold
};

} // namespace wakegate::proxy
