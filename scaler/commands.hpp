#pragma once

#include "common/program.hpp"

#include <vector>

namespace wakegate::scaler {

/// Orders to a running scaler: wake, sleep-now, keep-awake. Exit codes: 0 every replica has taken
/// the order, 1 one has not, 2 bad usage or configuration.
[[nodiscard]] std::vector<program_command> order_commands();

} // namespace wakegate::scaler
