#pragma once

#include "common/tcp_timeouts.hpp"
#include "common/yaml_map.hpp"

namespace wakegate::proxy {

/// The `tcp` of a listener (clients' connections) or of a cluster (its servers'). Throws
/// `configuration_error`.
[[nodiscard]] tcp_timeouts read_tcp_timeouts(const yaml_map& node);

} // namespace wakegate::proxy
