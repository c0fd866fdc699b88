#pragma once

#include "common/clock.hpp"
#include "externalscaler.grpc.pb.h"
#include "scaler/activation_streams.hpp"
#include "scaler/event_log.hpp"
#include "scaler/state/demand_board.hpp"

#include <string_view>
#include <variant>

namespace wakegate::scaler {

/// externalscaler.ExternalScaler, for KEDA. Every replica answers for every cluster, from memory.
/// Status codes: INVALID_ARGUMENT for metadata, UNAVAILABLE with a reason for "unknown".
class external_scaler final : public externalscaler::ExternalScaler::CallbackService {
public:
    /// No '/' in it: the HPA's API refuses one.
    static constexpr std::string_view metric_name = "wakegate-sessions";

    external_scaler(
        demand_board& board,
        event_log& log,
        activation_streams& streams,
        milliseconds default_window
    )
        : board_(board), event_log_(log), streams_(streams), default_window_(default_window) {}

    grpc::ServerUnaryReactor* IsActive(
        grpc::CallbackServerContext* context,
        const externalscaler::ScaledObjectRef* request,
        externalscaler::IsActiveResponse* response
    ) override;

    grpc::ServerWriteReactor<externalscaler::IsActiveResponse>* StreamIsActive(
        grpc::CallbackServerContext* context, const externalscaler::ScaledObjectRef* request
    ) override;

    /// UNIMPLEMENTED: KEDA then does not call it again.
    grpc::ServerWriteReactor<externalscaler::GetMetricSpecResponse>* StreamMetricSpec(
        grpc::CallbackServerContext* context, const externalscaler::ScaledObjectRef* request
    ) override;

    /// From the metadata alone: KEDA's reconcile, scale loop and stream all wait for it.
    grpc::ServerUnaryReactor* GetMetricSpec(
        grpc::CallbackServerContext* context,
        const externalscaler::ScaledObjectRef* request,
        externalscaler::GetMetricSpecResponse* response
    ) override;

    /// UNAVAILABLE exactly where IsActive is: KEDA's polls ask for the metric first and stop at an
    /// error, even if IsActive would be true. So while some proxy is missing the value is the sum
    /// over the others, and 1 at least. An HPA does not scale in by a value that is too small for a
    /// moment: it uses the highest of its stabilization window, five minutes by default.
    grpc::ServerUnaryReactor* GetMetrics(
        grpc::CallbackServerContext* context,
        const externalscaler::GetMetricsRequest* request,
        externalscaler::GetMetricsResponse* response
    ) override;

private:
    [[nodiscard]] std::variant<trigger_spec, grpc::Status>
    read_trigger(std::string_view rpc, const externalscaler::ScaledObjectRef& scaled_object);
    [[nodiscard]] grpc::Status unavailable(
        std::string_view rpc, const trigger_spec& trigger, const activity_decision& decision
    );

    demand_board& board_;
    event_log& event_log_;
    activation_streams& streams_;
    milliseconds default_window_;
};

} // namespace wakegate::scaler
