#pragma once

#include "common/host_port.hpp"
#include "demand.grpc.pb.h"

#include <grpcpp/server.h>

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

namespace wakegate::support {

/// A scaler replica that records the messages it receives and acknowledges them.
class fake_replica final : private DemandReports::Service {
public:
    /// Its answer to its n-th message, counted over all streams from 0.
    using replies = std::function<Ack(const DemandReport& message, std::size_t index)>;

    /// Port 0: any free one.
    explicit fake_replica(std::uint16_t port = 0, replies reply = acknowledge);
    fake_replica(const fake_replica&) = delete;
    fake_replica& operator=(const fake_replica&) = delete;
    /// Cuts all open streams.
    ~fake_replica() override;

    [[nodiscard]] host_port address() const {
        return {"127.0.0.1", static_cast<std::uint16_t>(port_)};
    }

    /// Waits until the messages received satisfy `enough`, and returns them; the test fails after a
    /// minute.
    [[nodiscard]] std::vector<DemandReport>
    hear_until(const std::function<bool(const std::vector<DemandReport>&)>& enough);

    /// Waits for the first message that satisfies `wanted`.
    [[nodiscard]] DemandReport receive(const std::function<bool(const DemandReport&)>& wanted);

    /// All messages, once its last stream has ended.
    [[nodiscard]] std::vector<DemandReport> receive_to_end();

    [[nodiscard]] static Ack acknowledge(const DemandReport& message, std::size_t index);

private:
    grpc::Status Report(
        grpc::ServerContext* context, grpc::ServerReaderWriter<Ack, DemandReport>* stream
    ) override;

    replies reply_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<DemandReport> messages_;
    int streams_ = 0;
    int port_ = 0;
    std::unique_ptr<grpc::Server> server_;
};

} // namespace wakegate::support
