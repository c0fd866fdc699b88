#pragma once

#include "common/yaml_map.hpp"
#include "proxy/session/proxy_protocol_policy.hpp"

namespace wakegate::proxy {

/// A listener's `proxy_protocol`. Throws `configuration_error`.
[[nodiscard]] proxy_protocol_policy read_proxy_protocol_policy(const yaml_map& node);

} // namespace wakegate::proxy
