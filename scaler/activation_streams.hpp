#pragma once

#include "common/grpc/outstanding_calls.hpp"
#include "externalscaler.pb.h"
#include "scaler/event_log.hpp"
#include "scaler/state/demand_board.hpp"

#include <grpcpp/support/server_callback.h>

#include <string>

namespace wakegate::scaler {

/// Subscribes StreamIsActive streams to the board. Keyed by stream: KEDA holds two for one
/// ScaledObject while its spec changes, and each gets every push. Only `true` is ever sent:
/// KEDA >= 2.18 ignores `false`, older ones scale in on it.
class activation_streams {
public:
    activation_streams(demand_board& board, event_log& log, outstanding_calls& calls)
        : board_(board), event_log_(log), calls_(calls) {}

    /// The list of calls owns the reactor until gRPC is done with it.
    [[nodiscard]] grpc::ServerWriteReactor<externalscaler::IsActiveResponse>*
    open(const trigger_spec& trigger, std::string scaled_object);

private:
    demand_board& board_;
    event_log& event_log_;
    outstanding_calls& calls_;
};

} // namespace wakegate::scaler
