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
    std::string text; ///< what it has answered, or why there is no answer
};

/// Gives `order` to each replica that `admin` names, all at once: to every address of a name, since
/// replicas share nothing. The loopback addresses 127.0.0.1 and ::1 are one replica, and those to
/// listen on, like "*", stand for them. Each has `timeout` from connect to answer; the look-up has
/// the resolver's.
///
/// Throws `configuration_error` when the name has no address. Blocks.
[[nodiscard]] std::vector<order_response> send_order(
    const host_port& admin,
    const admin_token& token,
    const manual_order& order,
    milliseconds timeout
);

} // namespace wakegate::scaler
