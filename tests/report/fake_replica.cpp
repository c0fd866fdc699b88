#include "tests/report/fake_replica.hpp"

#include <grpcpp/security/server_credentials.h>
#include <grpcpp/server_builder.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <stdexcept>
#include <string>
#include <utility>

namespace wakegate::support {
namespace {

constexpr auto limit = std::chrono::minutes(1);

} // namespace

fake_replica::fake_replica(std::uint16_t port, replies reply) : reply_(std::move(reply)) {
    grpc::ServerBuilder builder;
    const auto address = "127.0.0.1:" + std::to_string(port);
    builder.AddListeningPort(address, grpc::InsecureServerCredentials(), &port_);
    builder.RegisterService(this);
    server_ = builder.BuildAndStart();
    if (!server_ || port_ == 0) {
        throw std::runtime_error("no scaler replica on " + address);
    }
}

fake_replica::~fake_replica() {
    server_->Shutdown(std::chrono::system_clock::now());
    server_->Wait();
}

Ack fake_replica::acknowledge(const DemandReport& message, std::size_t) {
    Ack ack;
    ack.set_acknowledged(message.sequence());
    return ack;
}

grpc::Status
fake_replica::Report(grpc::ServerContext*, grpc::ServerReaderWriter<Ack, DemandReport>* stream) {
    {
        const std::lock_guard lock(mutex_);
        ++streams_;
    }
    DemandReport message;
    while (stream->Read(&message)) {
        std::size_t index = 0;
        {
            const std::lock_guard lock(mutex_);
            index = messages_.size();
            messages_.push_back(message);
        }
        changed_.notify_all();
        stream->Write(reply_(message, index));
    }
    {
        const std::lock_guard lock(mutex_);
        --streams_;
    }
    changed_.notify_all();
    return grpc::Status::OK;
}

std::vector<DemandReport>
fake_replica::hear_until(const std::function<bool(const std::vector<DemandReport>&)>& enough) {
    std::unique_lock lock(mutex_);
    if (!changed_.wait_for(lock, limit, [&] { return enough(messages_); })) {
        ADD_FAILURE() << "not heard in a minute; " << messages_.size() << " messages, the last: "
                      << (messages_.empty() ? "none" : messages_.back().ShortDebugString());
    }
    return messages_;
}

DemandReport fake_replica::receive(const std::function<bool(const DemandReport&)>& wanted) {
    const auto messages = hear_until([&](const std::vector<DemandReport>& all) {
        return std::any_of(all.begin(), all.end(), wanted);
    });
    const auto found = std::find_if(messages.begin(), messages.end(), wanted);
    return found == messages.end() ? DemandReport() : *found;
}

std::vector<DemandReport> fake_replica::receive_to_end() {
    std::unique_lock lock(mutex_);
    if (!changed_.wait_for(lock, limit, [this] { return streams_ == 0; })) {
        ADD_FAILURE() << "a stream that does not end";
    }
    return messages_;
}

} // namespace wakegate::support
