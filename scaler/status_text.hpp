#pragma once

#include "scaler/state/demand_board.hpp"

#include <string>

namespace wakegate::scaler {

/// GET /status: faults, then the state of this replica and its reasons, for people.
[[nodiscard]] std::string status_text(const board_status& status, time_point now);

} // namespace wakegate::scaler
