#pragma once

#include "common/grpc/outstanding_calls.hpp"
#include "demand.grpc.pb.h"
#include "scaler/event_log.hpp"
#include "scaler/state/demand_board.hpp"

namespace wakegate::scaler {

/// wakegate.DemandReports, for proxies. A stream's end means nothing for the proxy's demand: its
/// lease counts.
class demand_service final : public wakegate::DemandReports::CallbackService {
public:
    demand_service(demand_board& board, event_log& log, outstanding_calls& calls)
        : board_(board), event_log_(log), calls_(calls) {}

    grpc::ServerBidiReactor<wakegate::DemandReport, wakegate::Ack>*
    Report(grpc::CallbackServerContext* context) override;

private:
    demand_board& board_;
    event_log& event_log_;
    outstanding_calls& calls_;
};

} // namespace wakegate::scaler
