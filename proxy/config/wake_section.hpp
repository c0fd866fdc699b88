#pragma once

#include "common/yaml_map.hpp"
#include "proxy/route/wake_class.hpp"

namespace wakegate::proxy {

/// A cluster's `wake`: a list; the first rule that fits decides. Throws `configuration_error`.
[[nodiscard]] wake_rules read_wake_rules(const yaml_map& node);

} // namespace wakegate::proxy
