#pragma once

#include "common/clock.hpp"
#include "common/grpc/outstanding_calls.hpp"
#include "common/host_port.hpp"
#include "scaler/activation_streams.hpp"
#include "scaler/demand_service.hpp"
#include "scaler/event_log.hpp"
#include "scaler/external_scaler.hpp"
#include "scaler/state/demand_board.hpp"

#include <grpcpp/server.h>

#include <atomic>
#include <memory>

namespace wakegate::scaler {

/// The scaler's port: both services, gRPC health and reflection. Calls run on gRPC's own threads.
class grpc_server {
public:
    /// Serves once it returns, on each address of `listen` that is available. Throws
    /// `configuration_error` when none is. Port 0: any free port; for a single address only, since
    /// several would get different ports.
    grpc_server(
        const host_port& listen, demand_board& board, event_log& log, milliseconds default_window
    );
    grpc_server(const grpc_server&) = delete;
    grpc_server& operator=(const grpc_server&) = delete;
    ~grpc_server();

    [[nodiscard]] std::uint16_t port() const noexcept { return port_; }

    [[nodiscard]] bool is_serving() const noexcept { return serving_; }

    /// Not serving → every stream ends with OK → GOAWAY → calls under way get until `timeout`.
    /// Blocks until gRPC has stopped. Any thread, once; the destructor does it with a timeout of 0.
    void drain(milliseconds timeout);

private:
    outstanding_calls calls_;
    activation_streams activation_streams_;
    demand_service demand_;
    external_scaler external_;
    std::unique_ptr<grpc::Server> server_;
    std::uint16_t port_ = 0;
    std::atomic<bool> serving_ = false;
};

} // namespace wakegate::scaler
