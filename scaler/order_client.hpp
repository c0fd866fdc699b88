#pragma once

#include "common/clock.hpp"
#include "common/host_port.hpp"
#include "scaler/admin_token.hpp"
#include "scaler/state/manual_orders.hpp"

#include <string>
#include <vector>

namespace wakegate::scaler {

struct order_response {
    std::string replica; ///< its address
    bool is_taken = false;
    std::string text; ///< its answer, or why there is none
};

/// Sends `order` to each address of `admin`, concurrently: each is a replica, and replicas share
/// nothing. The loopback addresses 127.0.0.1 and ::1 are one replica, and wildcards like "*" stand
/// for them. `timeout` covers connecting to answer; the resolver has a timeout of its own.
///
/// Throws `configuration_error` when the name has no address. Blocks.
[[nodiscard]] std::vector<order_response> send_order(
    const host_port& admin,
    const admin_token& token,
    const manual_order& order,
    milliseconds timeout
);

} // namespace wakegate::scaler
