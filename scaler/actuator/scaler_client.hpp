#pragma once

#include "common/grpc/outstanding_calls.hpp"
#include "common/grpc/server_stream.hpp"
#include "externalscaler.pb.h"
#include "scaler/actuator/call_error.hpp"
#include "scaler/actuator/connection_watch.hpp"
#include "scaler/actuator/scaler_channels.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/system/result.hpp>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace wakegate::actuator {

/// A scaler's answer, or why there is none.
template <typename T = void> using call_result = boost::system::result<T, call_error>;

/// KEDA's side of externalscaler.ExternalScaler, shared by all objects: every call takes the next
/// scaler in turn (`scaler_channels`). One thread; run its context until all calls have ended
/// (`cancel_all` ends them).
class scaler_client {
public:
    using ref = externalscaler::ScaledObjectRef;
    using activity_stream = server_stream<externalscaler::IsActiveResponse>;
    using spec_stream = server_stream<externalscaler::GetMetricSpecResponse>;

    /// A stream, and the channel it uses.
    template <typename Stream> struct open_stream {
        std::shared_ptr<Stream> stream;
        const scaler_channels::channel* channel;
    };

    scaler_client(
        const boost::asio::any_io_executor& executor,
        const std::vector<host_port>& scalers,
        milliseconds reconnect_max
    );
    scaler_client(const scaler_client&) = delete;
    scaler_client& operator=(const scaler_client&) = delete;
    /// Waits until gRPC is done with all calls.
    ~scaler_client();

    /// The metric's name from one GetMetricSpec, as in KEDA's reconcile. An empty list is an error.
    [[nodiscard]] boost::asio::awaitable<call_result<std::string>> metric_of(const ref& object);
    /// GetMetricSpec, then GetMetrics and IsActive; each of the two steps is tried once more when
    /// it fails (pkg/scaling/cache/scalers_cache.go), which by round robin asks another replica.
    /// True: active.
    [[nodiscard]] boost::asio::awaitable<call_result<bool>> poll(const ref& object);

    [[nodiscard]] open_stream<activity_stream> stream_is_active(const ref& object);
    [[nodiscard]] open_stream<spec_stream> stream_metric_spec(const ref& object);

    /// `connected` is called whenever a scaler becomes connected (`connection_watch`).
    void on_connected(connection_watch::callback connected);

    /// The error of a call or stream that ended with `status`.
    [[nodiscard]] call_error error_of(std::string_view rpc, const grpc::Status& status) const;

    /// Ends the watch as well.
    void cancel_all();

private:
    [[nodiscard]] boost::asio::awaitable<call_result<bool>>
    activity_of(const ref& object, const std::string& metric);
    [[nodiscard]] boost::asio::awaitable<call_result<>>
    fetch_metrics(const ref& object, const std::string& metric);
    [[nodiscard]] boost::asio::awaitable<call_result<bool>> fetch_activity(const ref& object);

    boost::asio::any_io_executor executor_;
    scaler_channels channels_;
    connection_watch watch_;
    outstanding_calls calls_;
};

} // namespace wakegate::actuator
