#pragma once

#include "scaler/state/demand_board.hpp"
#include "scaler/state/manual_orders.hpp"

#include <string>

namespace wakegate::scaler {

/// What is so at this replica once an order has been taken, for whoever gave it. One line.
[[nodiscard]] std::string describe_taken(const manual_order& order, const order_result& outcome);

/// For a cluster that neither a proxy nor a trigger has named: which there are, likely ones first.
[[nodiscard]] std::string describe_unknown(const manual_order& order, const order_result& outcome);

} // namespace wakegate::scaler
