#pragma once

#include "common/yaml_map.hpp"
#include "proxy/config/proxy_config.hpp"

namespace wakegate::proxy {

/// What a listener and a cluster may each ask for, but not together, when a route leads from one to
/// the other; any route, whether or not an earlier one fits first. Throws `configuration_error`.
void check_route_tls(const yaml_map& node, const proxy_config& config);

} // namespace wakegate::proxy
