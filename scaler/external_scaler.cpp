#include "scaler/external_scaler.hpp"

#include <fmt/format.h>

#include <limits>
#include <string>
#include <utility>

namespace wakegate::scaler {
namespace {

/// Refuses a streaming call.
template <typename Response> class refusal final : public grpc::ServerWriteReactor<Response> {
public:
    explicit refusal(grpc::Status status) { this->Finish(std::move(status)); }

    void OnDone() override { delete this; }
};

grpc::ServerUnaryReactor* finish(grpc::CallbackServerContext* context, grpc::Status status) {
    auto* reactor = context->DefaultReactor();
    reactor->Finish(std::move(status));
    return reactor;
}

/// Cut to the longest that Kubernetes allows, since it goes to logs and labels.
std::string name_of(const externalscaler::ScaledObjectRef& scaled_object) {
    constexpr std::size_t longest_namespace = 63;
    constexpr std::size_t max_name_length = 253;
    const std::string_view name_space = scaled_object.namespace_();
    const std::string_view name = scaled_object.name();
    return fmt::format(
        "{}/{}", name_space.substr(0, longest_namespace), name.substr(0, max_name_length)
    );
}

} // namespace

std::variant<trigger_spec, grpc::Status> external_scaler::read_trigger(
    std::string_view rpc, const externalscaler::ScaledObjectRef& scaled_object
) {
    const auto& sent = scaled_object.scalermetadata();
    auto parsed = parse_trigger(trigger_metadata(sent.begin(), sent.end()), default_window_);
    const auto name = name_of(scaled_object);
    const auto now = clock::now();
    if (auto* trigger = std::get_if<trigger_spec>(&parsed)) {
        const bool is_reported = board_.remember(name, *trigger, now);
        const bool is_short = trigger->cluster.size() <= known_triggers::max_name_length;
        const unreported_cluster misspelt{.scaled_object = name, .cluster = trigger->cluster};
        if (!is_reported && is_short && event_log_.is_due(misspelt, now)) {
            event_log_.warn_unreported(misspelt, board_.reported_clusters());
        }
        return std::move(*trigger);
    }
    const auto& error = std::get<metadata_error>(parsed);
    event_log_.refused_trigger(rpc, name, error, now);
    return grpc::Status(
        grpc::StatusCode::INVALID_ARGUMENT, fmt::format("ScaledObject {}: {}", name, error.text)
    );
}

grpc::Status external_scaler::unavailable(
    std::string_view rpc, const trigger_spec& trigger, const activity_decision& decision
) {
    const auto reason = fmt::format("cluster {}: {}", trigger.cluster, decision.reason);
    event_log_.refused(rpc, "unavailable", trigger.cluster, decision.reason, clock::now());
    return {grpc::StatusCode::UNAVAILABLE, reason};
}

grpc::ServerUnaryReactor* external_scaler::IsActive(
    grpc::CallbackServerContext* context,
    const externalscaler::ScaledObjectRef* request,
    externalscaler::IsActiveResponse* response
) {
    const auto parsed = read_trigger("IsActive", *request);
    const auto* trigger = std::get_if<trigger_spec>(&parsed);
    if (trigger == nullptr) {
        return finish(context, std::get<grpc::Status>(parsed));
    }
    const auto decision = board_.poll(name_of(*request), *trigger, clock::now()).decision;
    if (decision.answer == scaler_answer::unknown) {
        return finish(context, unavailable("IsActive", *trigger, decision));
    }
    response->set_result(decision.answer == scaler_answer::active);
    event_log_.answered("IsActive", trigger->cluster, to_string(decision.answer));
    return finish(context, grpc::Status::OK);
}

grpc::ServerWriteReactor<externalscaler::IsActiveResponse>* external_scaler::StreamIsActive(
    grpc::CallbackServerContext*, const externalscaler::ScaledObjectRef* request
) {
    const auto parsed = read_trigger("StreamIsActive", *request);
    const auto* trigger = std::get_if<trigger_spec>(&parsed);
    if (trigger == nullptr) {
        return new refusal<externalscaler::IsActiveResponse>(std::get<grpc::Status>(parsed));
    }
    event_log_.answered("StreamIsActive", trigger->cluster, "opened");
    return streams_.open(*trigger, name_of(*request));
}

grpc::ServerWriteReactor<externalscaler::GetMetricSpecResponse>* external_scaler::
    StreamMetricSpec(grpc::CallbackServerContext*, const externalscaler::ScaledObjectRef*) {
    event_log_.answered("StreamMetricSpec", "", "unimplemented");
    return new refusal<externalscaler::GetMetricSpecResponse>(grpc::Status(
        grpc::StatusCode::UNIMPLEMENTED, "metric specs never change here: ask GetMetricSpec"
    ));
}

grpc::ServerUnaryReactor* external_scaler::GetMetricSpec(
    grpc::CallbackServerContext* context,
    const externalscaler::ScaledObjectRef* request,
    externalscaler::GetMetricSpecResponse* response
) {
    const auto parsed = read_trigger("GetMetricSpec", *request);
    const auto* trigger = std::get_if<trigger_spec>(&parsed);
    if (trigger == nullptr) {
        return finish(context, std::get<grpc::Status>(parsed));
    }
    auto* spec = response->add_metricspecs();
    spec->set_metricname(std::string(metric_name));
    spec->set_targetsize(trigger->sessions_per_replica);
    event_log_.answered("GetMetricSpec", trigger->cluster, "ok");
    return finish(context, grpc::Status::OK);
}

grpc::ServerUnaryReactor* external_scaler::GetMetrics(
    grpc::CallbackServerContext* context,
    const externalscaler::GetMetricsRequest* request,
    externalscaler::GetMetricsResponse* response
) {
    const auto parsed = read_trigger("GetMetrics", request->scaledobjectref());
    const auto* trigger = std::get_if<trigger_spec>(&parsed);
    if (trigger == nullptr) {
        return finish(context, std::get<grpc::Status>(parsed));
    }
    const auto evaluation = board_.evaluate(*trigger, clock::now());
    if (evaluation.decision.answer == scaler_answer::unknown) {
        board_.record_refusal(name_of(request->scaledobjectref()), *trigger, clock::now());
        return finish(context, unavailable("GetMetrics", *trigger, evaluation.decision));
    }
    auto* value = response->add_metricvalues();
    value->set_metricname(std::string(metric_name));
    value->set_metricvalue(static_cast<std::int64_t>(evaluation.metric));
    event_log_.answered("GetMetrics", trigger->cluster, "ok");
    return finish(context, grpc::Status::OK);
}

} // namespace wakegate::scaler
