#pragma once

#include <grpcpp/channel.h>

#include <memory>
#include <string>

namespace wakegate::proxy {

/// A channel to one replica, with short reconnect intervals, since its absence keeps clusters
/// asleep. Connects when it is used.
[[nodiscard]] std::shared_ptr<grpc::Channel> make_scaler_channel(const std::string& address);

} // namespace wakegate::proxy
