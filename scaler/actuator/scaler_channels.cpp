#include "scaler/actuator/scaler_channels.hpp"

#include "common/grpc/grpc_log.hpp"

#include <boost/asio/ip/address.hpp>

#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>
#include <grpcpp/support/channel_arguments.h>

#include <algorithm>
#include <iterator>
#include <utility>

namespace wakegate::actuator {
namespace {

enum class host_kind { name, ipv4, ipv6 };

host_kind kind_of(const host_port& scaler) {
    boost::system::error_code error;
    const auto address = boost::asio::ip::make_address(scaler.host, error);
    if (error) {
        return host_kind::name;
    }
    return address.is_v4() ? host_kind::ipv4 : host_kind::ipv6;
}

std::string joined(const std::vector<host_port>& scalers) {
    std::string list;
    for (const auto& scaler : scalers) {
        list.append(list.empty() ? "" : ",").append(to_string(scaler));
    }
    return list;
}

std::string target_of(const host_port& scaler) {
    switch (kind_of(scaler)) {
    case host_kind::ipv4:
        return "ipv4:" + to_string(scaler);
    case host_kind::ipv6:
        return "ipv6:" + to_string(scaler);
    case host_kind::name:
        break;
    }
    return "dns:///" + to_string(scaler);
}

/// How far the state is from a usable connection; lower is better.
int distance_from_use(grpc_connectivity_state state) {
    switch (state) {
    case GRPC_CHANNEL_READY:
        return 0;
    case GRPC_CHANNEL_CONNECTING:
    case GRPC_CHANNEL_IDLE:
        return 1;
    case GRPC_CHANNEL_TRANSIENT_FAILURE:
    case GRPC_CHANNEL_SHUTDOWN:
        return 2;
    }
    return 2;
}

} // namespace

std::vector<std::string> channel_targets(const std::vector<host_port>& scalers) {
    const auto all_are = [&scalers](host_kind kind) {
        const auto is_kind = [kind](const host_port& scaler) { return kind_of(scaler) == kind; };
        return std::all_of(scalers.begin(), scalers.end(), is_kind);
    };
    if (all_are(host_kind::ipv4)) {
        return {"ipv4:" + joined(scalers)};
    }
    if (all_are(host_kind::ipv6)) {
        return {"ipv6:" + joined(scalers)};
    }
    std::vector<std::string> targets;
    std::transform(scalers.begin(), scalers.end(), std::back_inserter(targets), target_of);
    return targets;
}

bool scaler_channels::channel::ready() const {
    return link->GetState(false) == GRPC_CHANNEL_READY;
}

scaler_channels::scaler_channels(
    const std::vector<host_port>& scalers, milliseconds reconnect_max
) {
    log_grpc_messages();
    const auto longest = static_cast<int>(reconnect_max.count());
    grpc::ChannelArguments arguments;
    arguments.SetLoadBalancingPolicyName("round_robin");
    arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, std::min(1'000, longest));
    arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, longest);
    // Scalers are on the local network: http_proxy in the environment is not meant for them.
    arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
    for (const auto& target : channel_targets(scalers)) {
        auto link =
            grpc::CreateCustomChannel(target, grpc::InsecureChannelCredentials(), arguments);
        auto stub = externalscaler::ExternalScaler::NewStub(link);
        channels_.push_back({std::move(link), std::move(stub)});
    }
}

scaler_channels::channel& scaler_channels::next() {
    std::size_t best = next_index_;
    int best_distance = 3;
    for (std::size_t offset = 0; offset < channels_.size(); ++offset) {
        const auto index = (next_index_ + offset) % channels_.size();
        const int distance = distance_from_use(channels_[index].link->GetState(true));
        if (distance < best_distance) {
            best = index;
            best_distance = distance;
        }
    }
    next_index_ = (best + 1) % channels_.size();
    return channels_[best];
}

std::vector<bool> scaler_channels::ready() const {
    std::vector<bool> states;
    states.reserve(channels_.size());
    for (const auto& each : channels_) {
        states.push_back(each.ready());
    }
    return states;
}

void scaler_channels::retry_failed() {
    for (const auto& each : channels_) {
        if (each.link->GetState(false) == GRPC_CHANNEL_TRANSIENT_FAILURE) {
            grpc::experimental::ChannelResetConnectionBackoff(each.link.get());
        }
    }
}

bool scaler_channels::any_ready() const {
    const auto is_ready = [](const channel& each) { return each.ready(); };
    return std::any_of(channels_.begin(), channels_.end(), is_ready);
}

} // namespace wakegate::actuator
