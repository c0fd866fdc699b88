#pragma once

#include "common/host_port.hpp"
#include "externalscaler.grpc.pb.h"

#include <grpcpp/server.h>

#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

namespace wakegate::actuator::testing {

/// An ExternalScaler whose answers a test sets, on the loopback interface.
/// StreamMetricSpec is UNIMPLEMENTED, as in KEDA's own example. Any thread.
class fake_scaler {
public:
    struct seen_calls {
        int metric_spec = 0;
        int metrics = 0;
        int is_active = 0;
        int streams_opened = 0;
        int metric_spec_streams = 0;
        std::string metric_asked_for;
        std::map<std::string, std::string> metadata;
    };

    /// 0: a free port. Any other was used by an earlier fake scaler, which is gone.
    explicit fake_scaler(int port = 0);
    fake_scaler(const fake_scaler&) = delete;
    fake_scaler& operator=(const fake_scaler&) = delete;
    ~fake_scaler();

    [[nodiscard]] host_port address() const;
    [[nodiscard]] seen_calls seen() const;
    [[nodiscard]] std::size_t open_streams() const;

    /// What IsActive answers.
    void set_active(bool active);
    /// "" makes GetMetricSpec answer an empty list.
    void set_metric_name(const std::string& name);
    /// The next `count` unary calls fail with the given status, by default UNAVAILABLE.
    void fail_calls(int count);
    void fail_calls(int count, const grpc::Status& status);
    /// The next `count` GetMetrics, which only polls call, fail with UNAVAILABLE.
    void fail_polls(int count);

    void push(bool active);
    void end_streams(const grpc::Status& status);

private:
    class activity_stream;
    class service;

    [[nodiscard]] std::vector<activity_stream*> streams() const;

    mutable std::mutex mutex_;
    seen_calls seen_;
    std::set<activity_stream*> streams_;
    bool active_ = false;
    int calls_to_fail_ = 0;
    int polls_to_fail_ = 0;
    grpc::Status failure_;
    std::string metric_name_ = "sessions";

    std::unique_ptr<service> service_;
    std::unique_ptr<grpc::Server> server_;
    int port_ = 0;
};

} // namespace wakegate::actuator::testing
