#include "scaler/grpc_server.hpp"

#include "common/configuration_error.hpp"
#include "common/grpc/grpc_log.hpp"
#include "common/listening_socket.hpp"

#include <boost/asio/io_context.hpp>

#include <grpcpp/ext/proto_server_reflection_plugin.h>
#include <grpcpp/health_check_service_interface.h>
#include <grpcpp/server_builder.h>

#include <algorithm>
#include <chrono>
#include <mutex>
#include <set>
#include <string>
#include <vector>

namespace wakegate::scaler {
namespace {

/// KEDA puts every ScaledObject on one connection, with two streams each, and blocks without a
/// deadline when it may open no more (grpc-go http2_client.go).
constexpr int max_streams_per_connection = 100'000;
constexpr milliseconds ping_interval{30'000};
constexpr milliseconds ping_timeout{10'000};
/// Proxies ping us as well; gRPC would answer more than one ping in 5 min with GOAWAY.
constexpr milliseconds min_client_ping_interval{5'000};

/// Process-wide.
void prepare_process() {
    static std::once_flag once;
    std::call_once(once, [] {
        log_grpc_messages();
        grpc::EnableDefaultHealthCheckService(true);
        grpc::reflection::InitProtoReflectionServerBuilderPlugin();
    });
}

int in_ms(milliseconds value) {
    return static_cast<int>(value.count());
}

void set_channel_arguments(grpc::ServerBuilder& builder) {
    const auto set = [&](const char* name, int value) { builder.AddChannelArgument(name, value); };
    set(GRPC_ARG_ALLOW_REUSEPORT, 0); // else two scalers share a port, and each has half
    set(GRPC_ARG_MAX_CONCURRENT_STREAMS, max_streams_per_connection);
    set(GRPC_ARG_KEEPALIVE_TIME_MS, in_ms(ping_interval));
    set(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, in_ms(ping_timeout));
    set(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
    set(GRPC_ARG_HTTP2_MAX_PINGS_WITHOUT_DATA, 0);
    set(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS, in_ms(min_client_ping_interval));
}

/// The addresses of `listen` that are available. gRPC would serve none when one of them fails, and
/// not say which and why.
std::set<std::string> free_addresses(const host_port& listen) {
    boost::asio::io_context context;
    std::set<std::string> found;
    for (const auto& probe : listen_on(context, listen, "listen")) {
        const auto address = probe.local_endpoint().address();
        // For gRPC either wildcard means both families, as far as the kernel has them.
        const auto host = address.is_unspecified() ? "::" : address.to_string();
        found.insert(to_string(host_port{.host = host, .port = listen.port}));
    }
    return found;
}

} // namespace

grpc_server::grpc_server(
    const host_port& listen, demand_board& board, event_log& log, milliseconds default_window
)
    : activation_streams_(board, log, calls_),
      demand_(board, log, calls_),
      external_(board, log, activation_streams_, default_window) {
    prepare_process();
    const auto addresses = free_addresses(listen);
    grpc::ServerBuilder builder;
    set_channel_arguments(builder);
    std::vector<int> ports(addresses.size());
    auto port = ports.begin();
    for (const auto& address : addresses) {
        builder.AddListeningPort(address, grpc::InsecureServerCredentials(), &*port++);
    }
    builder.RegisterService(&demand_);
    builder.RegisterService(&external_);
    server_ = builder.BuildAndStart();
    if (server_ == nullptr || std::ranges::count(ports, 0) > 0) {
        throw configuration_error(
            "listen: " + to_string(listen) + ": gRPC can't listen there; choose another address"
        );
    }
    port_ = static_cast<std::uint16_t>(ports.front());
    auto* health = server_->GetHealthCheckService();
    for (const auto* service : {"externalscaler.ExternalScaler", "wakegate.DemandReports"}) {
        health->SetServingStatus(service, true);
    }
    serving_ = true;
}

grpc_server::~grpc_server() {
    drain(milliseconds(0));
}

void grpc_server::drain(milliseconds timeout) {
    if (server_ == nullptr) {
        return;
    }
    auto* health = server_->GetHealthCheckService();
    serving_ = false;
    health->SetServingStatus(false);
    calls_.end_all();
    health->Shutdown();
    server_->Shutdown(std::chrono::system_clock::now() + timeout);
    server_->Wait();
    calls_.wait_until_empty();
    server_.reset();
}

} // namespace wakegate::scaler
