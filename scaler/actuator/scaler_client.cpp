#include "scaler/actuator/scaler_client.hpp"

#include "common/grpc/unary_call.hpp"

#include <utility>

namespace wakegate::actuator {
namespace {

using externalscaler::GetMetricSpecResponse;
using externalscaler::GetMetricsRequest;
using externalscaler::GetMetricsResponse;
using externalscaler::IsActiveResponse;
using externalscaler::ScaledObjectRef;

using spec_call = unary_call<ScaledObjectRef, GetMetricSpecResponse>;
using metrics_call = unary_call<GetMetricsRequest, GetMetricsResponse>;
using activity_call = unary_call<ScaledObjectRef, IsActiveResponse>;

} // namespace

scaler_client::scaler_client(
    const boost::asio::any_io_executor& executor,
    const std::vector<host_port>& scalers,
    milliseconds reconnect_max
)
    : executor_(executor),
      channels_(scalers, reconnect_max),
      watch_(executor, channels_, reconnect_max) {}

scaler_client::~scaler_client() {
    calls_.end_all();
    calls_.wait_until_empty();
}

boost::asio::awaitable<call_result<std::string>> scaler_client::metric_of(const ref& object) {
    auto* const remote = channels_.next().stub->async();
    const spec_call::method rpc = [remote](
                                      auto* context, auto* request, auto* response, auto* reactor
                                  ) { remote->GetMetricSpec(context, request, response, reactor); };
    const auto call = std::make_shared<spec_call>(executor_, calls_, object);
    if (!co_await call->run(rpc)) {
        co_return error_of("GetMetricSpec", call->status());
    }
    // In a poll KEDA takes an empty list for "inactive"; as an error here it never stops a target.
    const auto& specs = call->response().metricspecs();
    if (specs.empty() || specs[0].metricname().empty()) {
        const grpc::Status useless(grpc::StatusCode::OK, "no metric in the answer");
        co_return error_of("GetMetricSpec", useless);
    }
    co_return call_result<std::string>(boost::system::in_place_value, specs[0].metricname());
}

boost::asio::awaitable<call_result<bool>> scaler_client::poll(const ref& object) {
    auto metric = co_await metric_of(object);
    if (!metric) {
        metric = co_await metric_of(object);
    }
    if (!metric) {
        co_return metric.error();
    }
    const auto& name = *metric;
    auto answer = co_await activity_of(object, name);
    if (!answer) {
        answer = co_await activity_of(object, name);
    }
    co_return answer;
}

boost::asio::awaitable<call_result<bool>>
scaler_client::activity_of(const ref& object, const std::string& metric) {
    const auto fetched = co_await fetch_metrics(object, metric);
    if (!fetched) {
        co_return fetched.error();
    }
    co_return co_await fetch_activity(object);
}

boost::asio::awaitable<call_result<>>
scaler_client::fetch_metrics(const ref& object, const std::string& metric) {
    auto* const remote = channels_.next().stub->async();
    const metrics_call::method rpc = [remote](
                                         auto* context, auto* request, auto* response, auto* reactor
                                     ) { remote->GetMetrics(context, request, response, reactor); };
    GetMetricsRequest request;
    *request.mutable_scaledobjectref() = object;
    request.set_metricname(metric);
    const auto call = std::make_shared<metrics_call>(executor_, calls_, request);
    if (!co_await call->run(rpc)) {
        co_return error_of("GetMetrics", call->status());
    }
    co_return call_result<>();
}

boost::asio::awaitable<call_result<bool>> scaler_client::fetch_activity(const ref& object) {
    auto* const remote = channels_.next().stub->async();
    const activity_call::method rpc =
        [remote](auto* context, auto* request, auto* response, auto* reactor) {
            remote->IsActive(context, request, response, reactor);
        };
    const auto call = std::make_shared<activity_call>(executor_, calls_, object);
    if (!co_await call->run(rpc)) {
        co_return error_of("IsActive", call->status());
    }
    co_return call->response().result();
}

scaler_client::open_stream<scaler_client::activity_stream>
scaler_client::stream_is_active(const ref& object) {
    auto& channel = channels_.next();
    auto stream = std::make_shared<activity_stream>(executor_, calls_);
    stream->start([&](auto* context, auto* reactor) {
        channel.stub->async()->StreamIsActive(context, &object, reactor);
    });
    return {std::move(stream), &channel};
}

scaler_client::open_stream<scaler_client::spec_stream>
scaler_client::stream_metric_spec(const ref& object) {
    auto& channel = channels_.next();
    auto stream = std::make_shared<spec_stream>(executor_, calls_);
    stream->start([&](auto* context, auto* reactor) {
        channel.stub->async()->StreamMetricSpec(context, &object, reactor);
    });
    return {std::move(stream), &channel};
}

void scaler_client::on_connected(connection_watch::callback connected) {
    watch_.on_connected(std::move(connected));
}

call_error scaler_client::error_of(std::string_view rpc, const grpc::Status& status) const {
    return {
        .rpc = std::string(rpc),
        .code = status.error_code(),
        .text = status.error_message(),
        .connected = channels_.any_ready(),
    };
}

void scaler_client::cancel_all() {
    watch_.stop();
    calls_.end_all();
}

} // namespace wakegate::actuator
