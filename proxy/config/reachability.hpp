#pragma once

#include "common/yaml_map.hpp"
#include "proxy/config/proxy_config.hpp"

namespace wakegate::proxy {

/// Checks that addresses and routes lead somewhere. Throws `configuration_error` for a server
/// address that is a listener of this proxy: each session would loop. Warns of routes behind one
/// that fits every client, and of clusters without a route.
void check_reachability(const yaml_map& node, const proxy_config& config);

} // namespace wakegate::proxy
