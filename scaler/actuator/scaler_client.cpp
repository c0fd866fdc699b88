#include "scaler/actuator/scaler_client.hpp"

#include "scaler/actuator/unary_call.hpp"

#include <fmt/format.h>

#include <string_view>
#include <utility>

namespace wakegate::actuator {
namespace {

using externalscaler::GetMetricSpecResponse;
using externalscaler::GetMetricsRequest;
using externalscaler::GetMetricsResponse;
using externalscaler::IsActiveResponse;
using externalscaler::ScaledObjectRef;

std::string_view name_of(grpc::StatusCode code) {
    switch (code) {
    case grpc::StatusCode::UNAVAILABLE:
        return "UNAVAILABLE";
    case grpc::StatusCode::INVALID_ARGUMENT:
        return "INVALID_ARGUMENT";
    case grpc::StatusCode::UNIMPLEMENTED:
        return "UNIMPLEMENTED";
    case grpc::StatusCode::CANCELLED:
        return "CANCELLED";
    case grpc::StatusCode::INTERNAL:
        return "INTERNAL";
    default:
        return "status";
    }
}

std::string describe(std::string_view rpc, const grpc::Status& status) {
    const auto code = status.error_code();
    return fmt::format(
        "{}: {} ({}): {}", rpc, name_of(code), static_cast<int>(code), status.error_message()
    );
}

using spec_call = unary_call<ScaledObjectRef, GetMetricSpecResponse>;
using metrics_call = unary_call<GetMetricsRequest, GetMetricsResponse>;
using activity_call = unary_call<ScaledObjectRef, IsActiveResponse>;

} // namespace

scaler_client::scaler_client(
    const boost::asio::any_io_executor& executor,
    const std::vector<host_port>& scalers,
    milliseconds reconnect_max
)
    : executor_(executor), channels_(scalers, reconnect_max) {}

boost::asio::awaitable<metric_answer> scaler_client::metric_of(const ref& object) {
    auto* const remote = channels_.next().stub->async();
    const spec_call::method rpc =
        [remote](auto* context, auto* request, auto* response, auto done) {
            remote->GetMetricSpec(context, request, response, std::move(done));
        };
    const auto call = std::make_shared<spec_call>(executor_, object);
    const running_calls::entry cancellable(calls_, call->context());
    if (!co_await call->run(rpc)) {
        const auto& status = call->status();
        co_return metric_answer{
            .name = "",
            .error = describe("GetMetricSpec", status),
            .code = status.error_code(),
        };
    }
    // KEDA takes an empty list in a poll for "inactive"; taking it for an error never stops
    // anything.
    const auto& specs = call->response().metricspecs();
    if (specs.empty() || specs[0].metricname().empty()) {
        co_return metric_answer{.name = "", .error = "GetMetricSpec: no metric in the answer"};
    }
    co_return metric_answer{.name = specs[0].metricname(), .error = ""};
}

boost::asio::awaitable<poll_answer> scaler_client::poll(const ref& object) {
    auto metric = co_await metric_of(object);
    if (metric.name.empty()) {
        metric = co_await metric_of(object);
    }
    if (metric.name.empty()) {
        co_return poll_answer{.active = false, .error = metric.error};
    }
    auto answer = co_await activity_of(object, metric.name);
    if (!answer.error.empty()) {
        answer = co_await activity_of(object, metric.name);
    }
    co_return answer;
}

boost::asio::awaitable<poll_answer>
scaler_client::activity_of(const ref& object, const std::string& metric) {
    const auto failure = co_await fetch_metrics(object, metric);
    if (!failure.empty()) {
        co_return poll_answer{.active = false, .error = failure};
    }
    co_return co_await fetch_activity(object);
}

boost::asio::awaitable<std::string>
scaler_client::fetch_metrics(const ref& object, const std::string& metric) {
    auto* const remote = channels_.next().stub->async();
    const metrics_call::method rpc =
        [remote](auto* context, auto* request, auto* response, auto done) {
            remote->GetMetrics(context, request, response, std::move(done));
        };
    GetMetricsRequest request;
    *request.mutable_scaledobjectref() = object;
    request.set_metricname(metric);
    const auto call = std::make_shared<metrics_call>(executor_, request);
    const running_calls::entry cancellable(calls_, call->context());
    if (!co_await call->run(rpc)) {
        co_return describe("GetMetrics", call->status());
    }
    co_return std::string();
}

boost::asio::awaitable<poll_answer> scaler_client::fetch_activity(const ref& object) {
    auto* const remote = channels_.next().stub->async();
    const activity_call::method rpc =
        [remote](auto* context, auto* request, auto* response, auto done) {
            remote->IsActive(context, request, response, std::move(done));
        };
    const auto call = std::make_shared<activity_call>(executor_, object);
    const running_calls::entry cancellable(calls_, call->context());
    if (!co_await call->run(rpc)) {
        co_return poll_answer{.active = false, .error = describe("IsActive", call->status())};
    }
    co_return poll_answer{.active = call->response().result(), .error = ""};
}

scaler_client::opened<scaler_client::activity_stream>
scaler_client::stream_is_active(const ref& object) {
    auto& channel = channels_.next();
    auto stream = std::make_shared<activity_stream>(executor_);
    auto cancellable = std::make_unique<running_calls::entry>(calls_, stream->context());
    stream->start([&](auto* context, auto* reactor) {
        channel.stub->async()->StreamIsActive(context, &object, reactor);
    });
    return {std::move(stream), &channel, std::move(cancellable)};
}

scaler_client::opened<scaler_client::spec_stream>
scaler_client::stream_metric_spec(const ref& object) {
    auto& channel = channels_.next();
    auto stream = std::make_shared<spec_stream>(executor_);
    auto cancellable = std::make_unique<running_calls::entry>(calls_, stream->context());
    stream->start([&](auto* context, auto* reactor) {
        channel.stub->async()->StreamMetricSpec(context, &object, reactor);
    });
    return {std::move(stream), &channel, std::move(cancellable)};
}

void scaler_client::cancel_all() {
    calls_.cancel_all();
}

} // namespace wakegate::actuator
