#pragma once

#include "common/log.hpp"
#include "common/yaml_map.hpp"

namespace wakegate {

/// `log` of each program's configuration.
struct log_settings {
    log::format format = log::format::text;
    log::level level = log::level::info;
};

/// Throws `configuration_error`.
[[nodiscard]] log_settings read_log_settings(const yaml_map& section);

} // namespace wakegate
