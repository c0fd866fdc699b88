#pragma once

#include "common/clock.hpp"
#include "proxy/gate/session_identity.hpp"
#include "proxy/route/wake_class.hpp"
#include "proxy/session/authenticate_client.hpp"
#include "proxy/session/client_group.hpp"
#include "proxy/session/cluster.hpp"

#include <cstdint>
#include <string>

namespace wakegate::proxy {

/// All that a session which waits has to remember, and no more: there may be thousands.
struct session_request {
    cluster* where;
    client_group_ptr group;           ///< in reports
    const cluster_settings* endpoint; ///< by which to dial it
    std::string startup;              ///< for the server
    session_identity client;          ///< without its peer until that is asked for
    bool tls_passthrough = false;     ///< `startup` is the ClientHello
    backend_credentials
        who_is_it; ///< null in `auth: passthrough`: the server asks for the proof itself
    wake_class what_it_may;
    connection_kind connection = connection_kind::ordinary; ///< it may use
    std::uint32_t protocol = 0; ///< agreed on with the client; when `who_is_it`
    time_point deadline;        ///< of the hold
};

} // namespace wakegate::proxy
