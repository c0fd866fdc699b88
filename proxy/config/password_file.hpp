#pragma once

#include "common/yaml_map.hpp"

#include <string>

namespace wakegate::proxy {

/// The file under `password_file`, which must contain a password; empty without the key.
[[nodiscard]] std::string read_password_file_key(const yaml_map& node);

} // namespace wakegate::proxy
