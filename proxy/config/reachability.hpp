#pragma once

#include "common/yaml_map.hpp"
#include "proxy/config/proxy_config.hpp"

namespace wakegate::proxy {

/// What leads nowhere. Throws `configuration_error` for an address of a server that is a listener
/// of this proxy: each session would come back to it, without end. Warns of routes behind one that
/// fits every client, and of clusters to which no route leads.
void check_reachability(const yaml_map& node, const proxy_config& config);

} // namespace wakegate::proxy
