#pragma once

#include "common/yaml_map.hpp"
#include "proxy/config/proxy_config.hpp"

#include <vector>

namespace wakegate::proxy {

/// The file's `routes`, checked against the listeners and clusters in `config`; without any,
/// everything goes to the one cluster. Throws `configuration_error`.
[[nodiscard]] std::vector<route> read_routes(const yaml_map& node, const proxy_config& config);

} // namespace wakegate::proxy
