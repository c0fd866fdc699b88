#pragma once

#include "common/host_port.hpp"
#include "proxy/cancel/keys/cancel_rate.hpp"
#include "proxy/cancel/keys/cancel_secrets.hpp"

#include <memory>
#include <optional>
#include <vector>

namespace wakegate::proxy {

/// How CancelRequests find sessions of this proxy and of its replicas. Immutable.
struct cancel_settings {
    /// Shared by all replicas. Null: there is only this process, with a secret of its own.
    std::shared_ptr<const cancel_secrets> secrets;
    std::optional<host_port> listen; ///< where replicas forward requests to
    std::vector<host_port> peers;    ///< each address a name has is one replica's `listen`
    /// Some clients hold keys of their servers, which cannot be verified (`auth: passthrough`): an
    /// unknown key may be one of those.
    bool has_server_keys = true;
    cancel_rate_settings rate;
};

} // namespace wakegate::proxy
