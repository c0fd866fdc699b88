#pragma once

#include "scaler/grpc_server.hpp"

#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>

#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <utility>

namespace wakegate::scaler::testing {

/// The real services on a free loopback port, without the program: `tick` is never called, so every
/// push was sent by the call that caused it.
struct served_scaler {
    explicit served_scaler(const aggregate_settings& proxies)
        : board({.proxies = proxies, .pace = {}}, clock::now()),
          server({.host = "127.0.0.1", .port = 0}, board, log, seconds(60)),
          channel(grpc::CreateChannel(
              "127.0.0.1:" + std::to_string(server.port()), grpc::InsecureChannelCredentials()
          )),
          keda(externalscaler::ExternalScaler::NewStub(channel)),
          proxy(wakegate::DemandReports::NewStub(channel)) {}

    metrics counters;
    event_log log{counters};
    demand_board board;
    grpc_server server;
    std::shared_ptr<grpc::Channel> channel;
    std::unique_ptr<externalscaler::ExternalScaler::Stub> keda;
    std::unique_ptr<wakegate::DemandReports::Stub> proxy;
};

/// A call with a deadline, which fails instead of hanging without an answer.
inline std::unique_ptr<grpc::ClientContext> bounded_call() {
    auto context = std::make_unique<grpc::ClientContext>();
    context->set_deadline(std::chrono::system_clock::now() + seconds(20));
    return context;
}

inline externalscaler::ScaledObjectRef
scaled_object(const std::map<std::string, std::string>& metadata) {
    externalscaler::ScaledObjectRef reference;
    reference.set_name("app-sleep");
    reference.set_namespace_("prod");
    for (const auto& [key, value] : metadata) {
        (*reference.mutable_scalermetadata())[key] = value;
    }
    return reference;
}

/// KEDA's stream, open on the server's side once it is constructed.
class activation_listener {
public:
    activation_listener(served_scaler& scaler, const externalscaler::ScaledObjectRef& reference)
        : reader_(scaler.keda->StreamIsActive(context_.get(), reference)) {
        reader_->WaitForInitialMetadata();
    }

    /// Waits for the next message; false when the stream has ended.
    [[nodiscard]] bool hears_true() {
        externalscaler::IsActiveResponse response;
        return reader_->Read(&response) && response.result();
    }

    /// Waits for the end.
    [[nodiscard]] grpc::Status status() { return reader_->Finish(); }

    void cancel() { context_->TryCancel(); }

private:
    std::unique_ptr<grpc::ClientContext> context_ = bounded_call();
    std::unique_ptr<grpc::ClientReader<externalscaler::IsActiveResponse>> reader_;
};

/// A proxy's stream.
class reporter {
public:
    explicit reporter(served_scaler& scaler) : stream_(scaler.proxy->Report(context_.get())) {}

    /// Sends and waits for the ack.
    wakegate::Ack send(const wakegate::DemandReport& message) {
        wakegate::Ack ack;
        if (stream_->Write(message)) {
            stream_->Read(&ack);
        }
        return ack;
    }

    [[nodiscard]] grpc::Status status() {
        wakegate::Ack late;
        while (stream_->Read(&late)) {
        }
        return stream_->Finish();
    }

    void close() { stream_->WritesDone(); }

private:
    std::unique_ptr<grpc::ClientContext> context_ = bounded_call();
    std::unique_ptr<grpc::ClientReaderWriter<wakegate::DemandReport, wakegate::Ack>> stream_;
};

/// A message with one cluster, "app".
inline wakegate::DemandReport demand(std::uint64_t sequence, bool is_snapshot, std::uint32_t held) {
    wakegate::DemandReport message;
    message.set_proxy_id("proxy-1");
    message.set_sequence(sequence);
    message.set_snapshot(is_snapshot);
    message.set_lease_ms(15'000);
    auto* cluster = message.add_clusters();
    cluster->set_cluster("app");
    cluster->set_state(
        held > 0 ? wakegate::ClusterDemand::WAKING : wakegate::ClusterDemand::ASLEEP
    );
    cluster->set_held(held);
    return message;
}

} // namespace wakegate::scaler::testing
