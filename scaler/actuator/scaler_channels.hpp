#pragma once

#include "common/clock.hpp"
#include "common/host_port.hpp"
#include "externalscaler.grpc.pb.h"

#include <grpcpp/channel.h>

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

namespace wakegate::actuator {

/// The channels' gRPC targets. Literal addresses of one family become a single target, so that
/// gRPC's own round_robin serves them as KEDA's does for the A records of a headless Service; names
/// get a target each, since gRPC takes only one name per target.
[[nodiscard]] std::vector<std::string> channel_targets(const std::vector<host_port>& scalers);

/// The channels that all scaled objects share, used in turn. One thread.
///
/// As KEDA makes them: round_robin over what a name resolves to, no keepalive, no retry policy,
/// fail-fast. `reconnect_max` bounds gRPC's reconnect back-off (1 s, growing).
class scaler_channels {
public:
    struct channel {
        std::shared_ptr<grpc::Channel> link;
        std::unique_ptr<externalscaler::ExternalScaler::Stub> stub;

        [[nodiscard]] bool ready() const;
    };

    scaler_channels(const std::vector<host_port>& scalers, milliseconds reconnect_max);

    /// The next connected channel in turn; while none is, the next that may become so.
    [[nodiscard]] channel& next();

    /// Which channels are connected, in an order that never changes.
    [[nodiscard]] std::vector<bool> ready() const;
    [[nodiscard]] bool any_ready() const;
    /// Makes failed channels reconnect now. For names that do not resolve gRPC's back-off is
    /// bounded by two minutes, whatever `reconnect_max` is.
    void retry_failed();

private:
    std::vector<channel> channels_;
    std::size_t next_index_ = 0;
};

} // namespace wakegate::actuator
