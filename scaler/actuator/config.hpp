#pragma once

#include "common/configuration_warning.hpp"
#include "common/host_port.hpp"
#include "common/log.hpp"
#include "scaler/actuator/settings.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace wakegate {
class yaml_map;
}

namespace wakegate::actuator {

struct actuator_config {
    std::vector<host_port> scalers;
    std::optional<host_port> admin;
    log::format log_format = log::format::text;
    log::level log_level = log::level::info;
    milliseconds reconnect_max{1'000};
    retry_settings retries;
    std::vector<scaled_object_settings> scaled_objects;
    std::vector<configuration_warning> warnings; ///< for --check
};

/// All throw `configuration_error`. `folder`: the configuration file's, for relative paths of
/// hooks.
[[nodiscard]] actuator_config read_config(const yaml_map& map, const std::filesystem::path& folder);
[[nodiscard]] actuator_config load_config(const std::string& path);
[[nodiscard]] actuator_config parse_config(const std::string& text, std::string file_name);

} // namespace wakegate::actuator
