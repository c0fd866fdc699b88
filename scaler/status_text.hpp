#pragma once

#include "scaler/state/demand_board.hpp"

#include <string>

namespace wakegate::scaler {

/// GET /status: what is wrong, then what this replica believes and why, for people.
[[nodiscard]] std::string status_text(const board_status& status, time_point now);

} // namespace wakegate::scaler
