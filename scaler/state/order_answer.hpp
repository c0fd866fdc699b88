#pragma once

#include "scaler/state/demand_board.hpp"
#include "scaler/state/manual_orders.hpp"

#include <string>

namespace wakegate::scaler {

/// The effect of an order at this replica, for the operator. One line.
[[nodiscard]] std::string describe_taken(const manual_order& order, const order_result& outcome);

/// For a cluster without proxy and trigger: the known clusters, the most similar first.
[[nodiscard]] std::string describe_unknown(const manual_order& order, const order_result& outcome);

} // namespace wakegate::scaler
