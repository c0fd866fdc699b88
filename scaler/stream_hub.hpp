#pragma once

#include "externalscaler.pb.h"
#include "scaler/event_log.hpp"
#include "scaler/open_streams.hpp"
#include "scaler/state/demand_board.hpp"

#include <grpcpp/support/server_callback.h>

#include <string>

namespace wakegate::scaler {

/// Subscribes StreamIsActive streams to the board. Keyed by stream: KEDA holds two for one
/// ScaledObject while its spec changes, and each gets every push. Only `true` is ever sent:
/// KEDA >= 2.18 ignores `false`, older ones scale in on it.
class stream_hub {
public:
    stream_hub(demand_board& board, event_log& log, open_streams& streams)
        : board_(board), event_log_(log), streams_(streams) {}

    /// The reactor owns itself until its OnDone.
    [[nodiscard]] grpc::ServerWriteReactor<externalscaler::IsActiveResponse>*
    open(const trigger& asked, std::string scaled_object);

private:
    demand_board& board_;
    event_log& event_log_;
    open_streams& streams_;
};

} // namespace wakegate::scaler
