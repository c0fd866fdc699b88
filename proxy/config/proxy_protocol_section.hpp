#pragma once

#include "common/yaml_map.hpp"
#include "proxy/session/proxy_header_rules.hpp"

namespace wakegate::proxy {

/// A listener's `proxy_protocol`. Throws `configuration_error`.
[[nodiscard]] proxy_header_rules read_proxy_header_rules(const yaml_map& from);

} // namespace wakegate::proxy
