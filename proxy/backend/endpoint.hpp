#pragma once

#include "common/clock.hpp"
#include "common/host_port.hpp"
#include "common/tcp_timeouts.hpp"

#include <memory>
#include <string>

namespace wakegate::tls {
class backend_tls;
}

namespace wakegate::proxy {

/// Where a cluster's server is, and how it is connected to. Immutable.
struct backend_endpoint {
    std::string cluster; ///< its name
    host_port backend;
    milliseconds connect_timeout{1'000};
    milliseconds login_timeout{10'000}; ///< for the server's first answer to the startup message
    std::shared_ptr<const tls::backend_tls> tls; ///< null: no TLS
    tcp_timeouts tcp = {};
    bool send_proxy_header = false; ///< proxy_protocol: v2; each connection begins with a header
};

} // namespace wakegate::proxy
