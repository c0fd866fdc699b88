#include "tests/actuator/fake_scaler.hpp"

#include <grpcpp/security/server_credentials.h>
#include <grpcpp/server_builder.h>

#include <chrono>
#include <deque>
#include <optional>
#include <stdexcept>

namespace wakegate::actuator::testing {

using externalscaler::GetMetricSpecResponse;
using externalscaler::GetMetricsRequest;
using externalscaler::GetMetricsResponse;
using externalscaler::IsActiveResponse;
using externalscaler::ScaledObjectRef;

/// Sends the messages it is given, in order, and then the status it is ended with.
class fake_scaler::activity_stream final : public grpc::ServerWriteReactor<IsActiveResponse> {
public:
    explicit activity_stream(fake_scaler& owner) : owner_(owner) {
        const std::lock_guard lock(owner_.mutex_);
        owner_.streams_.insert(this);
        ++owner_.seen_.streams_opened;
    }

    void push(bool active) {
        const std::lock_guard lock(mutex_);
        pending_.push_back(active);
        go_on();
    }

    void end(const grpc::Status& status) {
        const std::lock_guard lock(mutex_);
        last_word_ = status;
        go_on();
    }

private:
    void OnWriteDone(bool /*ok*/) override {
        const std::lock_guard lock(mutex_);
        writing_ = false;
        go_on();
    }

    void OnCancel() override { end(grpc::Status::CANCELLED); }

    void OnDone() override {
        {
            const std::lock_guard lock(owner_.mutex_);
            owner_.streams_.erase(this);
        }
        delete this;
    }

    void go_on() {
        if (writing_ || finished_) {
            return;
        }
        if (!pending_.empty()) {
            message_.set_result(pending_.front());
            pending_.pop_front();
            writing_ = true;
            StartWrite(&message_);
        } else if (last_word_) {
            finished_ = true;
            Finish(*last_word_);
        }
    }

    fake_scaler& owner_;
    std::mutex mutex_;
    std::deque<bool> pending_;
    std::optional<grpc::Status> last_word_;
    IsActiveResponse message_;
    bool writing_ = false;
    bool finished_ = false;
};

class fake_scaler::service final : public externalscaler::ExternalScaler::CallbackService {
public:
    explicit service(fake_scaler& owner) : owner_(owner) {}

    grpc::ServerUnaryReactor* GetMetricSpec(
        grpc::CallbackServerContext* context,
        const ScaledObjectRef* request,
        GetMetricSpecResponse* response
    ) override {
        const std::lock_guard lock(owner_.mutex_);
        ++owner_.seen_.metric_spec;
        owner_.seen_.metadata = {
            request->scalermetadata().begin(), request->scalermetadata().end()
        };
        if (!owner_.metric_name_.empty()) {
            auto* const spec = response->add_metricspecs();
            spec->set_metricname(owner_.metric_name_);
            spec->set_targetsize(100);
        }
        return finish(context);
    }

    grpc::ServerUnaryReactor* GetMetrics(
        grpc::CallbackServerContext* context,
        const GetMetricsRequest* request,
        GetMetricsResponse* response
    ) override {
        const std::lock_guard lock(owner_.mutex_);
        ++owner_.seen_.metrics;
        owner_.seen_.metric_asked_for = request->metricname();
        response->add_metricvalues()->set_metricname(request->metricname());
        if (owner_.polls_to_fail_ > 0) {
            --owner_.polls_to_fail_;
            ++owner_.calls_to_fail_;
        }
        return finish(context);
    }

    grpc::ServerUnaryReactor* IsActive(
        grpc::CallbackServerContext* context,
        const ScaledObjectRef* /*request*/,
        IsActiveResponse* response
    ) override {
        const std::lock_guard lock(owner_.mutex_);
        ++owner_.seen_.is_active;
        response->set_result(owner_.active_);
        return finish(context);
    }

    grpc::ServerWriteReactor<IsActiveResponse>* StreamIsActive(
        grpc::CallbackServerContext* /*context*/, const ScaledObjectRef* /*request*/
    ) override {
        return new activity_stream(owner_); // deletes itself in OnDone
    }

    grpc::ServerWriteReactor<GetMetricSpecResponse>* StreamMetricSpec(
        grpc::CallbackServerContext* context, const ScaledObjectRef* request
    ) override {
        {
            const std::lock_guard lock(owner_.mutex_);
            ++owner_.seen_.metric_spec_streams;
        }
        return externalscaler::ExternalScaler::CallbackService::StreamMetricSpec(context, request);
    }

private:
    /// With the owner's mutex held.
    grpc::ServerUnaryReactor* finish(grpc::CallbackServerContext* context) {
        auto status = grpc::Status::OK;
        if (owner_.calls_to_fail_ > 0) {
            --owner_.calls_to_fail_;
            status = owner_.failure_;
        }
        auto* const reactor = context->DefaultReactor();
        reactor->Finish(status);
        return reactor;
    }

    fake_scaler& owner_;
};

fake_scaler::fake_scaler(int port) : service_(std::make_unique<service>(*this)) {
    grpc::ServerBuilder builder;
    const auto address = "127.0.0.1:" + std::to_string(port);
    builder.AddListeningPort(address, grpc::InsecureServerCredentials(), &port_);
    builder.RegisterService(service_.get());
    server_ = builder.BuildAndStart();
    if (!server_) {
        throw std::runtime_error("the fake scaler can't listen");
    }
}

fake_scaler::~fake_scaler() {
    // Cancels calls that are still open.
    server_->Shutdown(std::chrono::system_clock::now());
    server_->Wait();
}

host_port fake_scaler::address() const {
    return {.host = "127.0.0.1", .port = static_cast<std::uint16_t>(port_)};
}

fake_scaler::seen_calls fake_scaler::seen() const {
    const std::lock_guard lock(mutex_);
    return seen_;
}

std::size_t fake_scaler::open_streams() const {
    const std::lock_guard lock(mutex_);
    return streams_.size();
}

void fake_scaler::set_active(bool active) {
    const std::lock_guard lock(mutex_);
    active_ = active;
}

void fake_scaler::set_metric_name(const std::string& name) {
    const std::lock_guard lock(mutex_);
    metric_name_ = name;
}

void fake_scaler::fail_calls(int count) {
    fail_calls(count, {grpc::StatusCode::UNAVAILABLE, "proxies have not reported yet"});
}

void fake_scaler::fail_calls(int count, const grpc::Status& status) {
    const std::lock_guard lock(mutex_);
    calls_to_fail_ = count;
    failure_ = status;
}

/// No stream may end meanwhile: tests push only to streams that they keep open.
std::vector<fake_scaler::activity_stream*> fake_scaler::streams() const {
    const std::lock_guard lock(mutex_);
    return {streams_.begin(), streams_.end()};
}

void fake_scaler::fail_polls(int count) {
    const std::lock_guard lock(mutex_);
    polls_to_fail_ = count;
    failure_ = {grpc::StatusCode::UNAVAILABLE, "proxies have not reported yet"};
}

void fake_scaler::push(bool active) {
    for (auto* const stream : streams()) {
        stream->push(active);
    }
}

void fake_scaler::end_streams(const grpc::Status& status) {
    for (auto* const stream : streams()) {
        stream->end(status);
    }
}

} // namespace wakegate::actuator::testing
