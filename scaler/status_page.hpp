#pragma once

#include "scaler/state/demand_board.hpp"

#include <string>

namespace wakegate::scaler {

/// GET /status: what this replica believes and why, as JSON. Durations are milliseconds.
[[nodiscard]] std::string status_page(const board_status& status, time_point now);

} // namespace wakegate::scaler
