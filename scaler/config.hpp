#pragma once

#include "common/clock.hpp"
#include "common/configuration_warning.hpp"
#include "common/host_port.hpp"
#include "common/log.hpp"
#include "scaler/state/demand_board.hpp"

#include <optional>
#include <string>
#include <vector>

namespace wakegate {
class yaml_map;
}

namespace wakegate::scaler {

/// HTTP for operators.
struct admin_settings {
    host_port address;
    std::string token_file; ///< of the operators' token; empty: all orders are refused
};

/// scaler.yaml, checked. For people: reference.cpp.
struct config {
    host_port listen;
    std::optional<admin_settings> admin;
    log::format log_format = log::format::text;
    log::level log_level = log::level::info;
    board_settings board;
    milliseconds drain_timeout{5'000};
    std::vector<configuration_warning> warnings; ///< for --check
};

/// Both throw `configuration_error`.
[[nodiscard]] config load_config(const std::string& path);
[[nodiscard]] config read_config(const yaml_map& file);

} // namespace wakegate::scaler
