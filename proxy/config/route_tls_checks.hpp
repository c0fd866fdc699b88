#pragma once

#include "common/yaml_map.hpp"
#include "proxy/config/proxy_config.hpp"

namespace wakegate::proxy {

/// Settings of a listener and a cluster that exclude each other, when a route leads from one to the
/// other; any route, even behind one that fits first. Throws `configuration_error`.
void check_route_tls(const yaml_map& node, const proxy_config& config);

} // namespace wakegate::proxy
