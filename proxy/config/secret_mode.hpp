#pragma once

#include "common/yaml_map.hpp"

#include <string>
#include <string_view>

namespace wakegate::proxy {

/// Warns at `key` when others than its owner can read the file `path` of secrets; `what` it holds:
/// "the password". Nothing of a file that is not there.
void warn_if_others_can_read(
    const yaml_map& node, std::string_view key, const std::string& path, std::string_view what
);

} // namespace wakegate::proxy
