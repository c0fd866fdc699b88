#pragma once

#include "common/admin_http.hpp"
#include "common/clock.hpp"
#include "scaler/event_log.hpp"
#include "scaler/state/demand_board.hpp"

#include <string>

namespace wakegate::scaler {

/// Operators' orders: POST /clusters/NAME/wake and the like, with the token. `wakegate-scaler wake`
/// calls it.
///
/// The token's file is read for each request, so that it can be replaced at any time. An empty
/// `token_file` refuses all orders. On the thread of the admin pages.
class order_endpoint {
public:
    order_endpoint(demand_board& board, event_log& log, std::string token_file);

    /// 200: the order is taken, and the text says with what effect. 401: no token, or a wrong one.
    /// 403: no token file is configured. 503: it is unusable. 400 and 404: no such order or
    /// cluster.
    [[nodiscard]] admin_response answer(const admin_request& request, time_point now);

private:
    [[nodiscard]] admin_response
    carry_out(const manual_order& order, const std::string& peer, time_point now);

    demand_board& board_;
    event_log& event_log_;
    std::string token_file_;
};

} // namespace wakegate::scaler
