#pragma once

#include "common/yaml_map.hpp"

#include <string>
#include <string_view>

namespace wakegate::proxy {

/// A valid proxy name for logs and pages: 1 to 64 letters, digits, '.', '-' and '_', as host names
/// on Linux.
[[nodiscard]] bool is_proxy_name(std::string_view text) noexcept;

/// The key `name`, or the host's name. Throws `configuration_error`.
[[nodiscard]] std::string read_proxy_name(const yaml_map& node);

} // namespace wakegate::proxy
