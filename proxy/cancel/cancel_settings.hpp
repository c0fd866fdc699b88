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
    /// What all replicas share. Null: this process stands alone, with a secret of its own.
    std::shared_ptr<const cancel_secrets> secrets;
    std::optional<host_port> listen; ///< where replicas pass requests on to
    std::vector<host_port> peers;    ///< each address a name has is one replica's `listen`
    /// Some clients hold keys of their servers, which cannot be verified (`auth: passthrough`): a
    /// key that nobody here knows may be one of those.
    bool has_server_keys = true;
    cancel_rate_settings rate;
};

} // namespace wakegate::proxy
