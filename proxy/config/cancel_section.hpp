#pragma once

#include "common/yaml_map.hpp"
#include "proxy/config/proxy_config.hpp"

namespace wakegate::proxy {

/// The file's `cancel`, for the clusters in `config`. Reads the files it names. Throws
/// `configuration_error`.
[[nodiscard]] cancel_settings read_cancel(const yaml_map& node, const proxy_config& config);

} // namespace wakegate::proxy
