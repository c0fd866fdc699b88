#pragma once

#include "common/yaml_map.hpp"
#include "proxy/config/proxy_config.hpp"

#include <string>

namespace wakegate::proxy {

/// One entry of `clusters`. Reads the files it names. Throws `configuration_error`.
[[nodiscard]] cluster_config read_cluster(const std::string& name, const yaml_map& node);

} // namespace wakegate::proxy
