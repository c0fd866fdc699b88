#pragma once

#include "scaler/state/demand_board.hpp"

#include <string>

namespace wakegate::scaler {

/// GET /status.json: the state of this replica and its reasons. Durations are milliseconds.
[[nodiscard]] std::string status_json(const board_status& status, time_point now);

} // namespace wakegate::scaler
