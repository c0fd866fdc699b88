#pragma once

#include "common/yaml_map.hpp"

#include <string>
#include <string_view>

namespace wakegate::proxy {

/// Warns at `key` when others than its owner can read the secret file `path`; `what` it holds: "the
/// password". Ignores a missing file.
void warn_if_others_can_read(
    const yaml_map& node, std::string_view key, const std::string& path, std::string_view content
);

} // namespace wakegate::proxy
