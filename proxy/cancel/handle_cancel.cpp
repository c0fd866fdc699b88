#include "proxy/cancel/handle_cancel.hpp"

#include "common/log.hpp"
#include "proxy/cancel/cancel_service.hpp"
#include "proxy/cancel/forward_to_backend.hpp"
#include "proxy/cancel/forward_to_peers.hpp"
#include "proxy/net/async_socket.hpp"
#include "proxy/net/phase_deadline.hpp"
#include "proxy/net/read_message.hpp"
#include "proxy/net/run_all.hpp"
#include "proxy/wire/startup_decoder.hpp"

#include <optional>
#include <utility>
#include <variant>
#include <vector>

namespace wakegate::proxy {

namespace asio = boost::asio;

namespace {

/// A peer sends its request at once.
constexpr auto peer_timeout = seconds(2);

/// How long a cancel waits for a slot. Drivers give up on theirs after 10 s (pgjdbc's
/// cancelSignalTimeout).
constexpr auto max_wait = seconds(10);

void drop(cancel_service& service, drop_reason reason) {
    service.count("dropped", to_string(reason));
    log::debug("cancel_dropped").with("reason", to_string(reason));
    service.drops().add(reason);
    report_dropped_cancels(service.drops());
}

async_semaphore& slots_of(const cluster_map& clusters, const cancel_target& target) {
    return clusters.find(target.endpoint->cluster)->second->cancel_slots;
}

asio::awaitable<void>
forward(cancel_service& service, const cluster_map& clusters, cancel_target target) {
    const auto slot = co_await slots_of(clusters, target).acquire(max_wait);
    if (!slot) {
        drop(service, drop_reason::overload);
        co_return;
    }
    service.count("forwarded");
    log::debug("cancel_forwarded").with("cluster", target.endpoint->cluster);
    co_await forward_to_backend(std::move(target));
}

/// To one of many servers, which ignores a key that is not its own.
asio::awaitable<void>
forward_copy(cancel_service& service, const cluster_map& clusters, cancel_target target) {
    const auto slot = co_await slots_of(clusters, target).acquire(max_wait);
    if (slot) {
        co_await forward_to_backend(std::move(target));
    } else {
        drop(service, drop_reason::overload);
    }
}

asio::awaitable<void> broadcast(
    cancel_service& service, const cluster_map& clusters, std::vector<cancel_target> servers
) {
    service.count("broadcast");
    log::debug("cancel_broadcast").with("servers", servers.size());
    std::vector<asio::awaitable<void>> copies;
    copies.reserve(servers.size());
    for (auto& each : servers) {
        copies.push_back(forward_copy(service, clusters, std::move(each)));
    }
    co_await run_all(std::move(copies));
}

asio::awaitable<void> pass_on(cancel_service& service, std::string key) {
    service.count("hopped");
    log::debug("cancel_hopped");
    co_await forward_to_peers(service.peers(), std::move(key));
}

bool is_foreign(const cancel_lookup& lookup) {
    const auto* const peers = std::get_if<try_peers>(&lookup);
    const auto* const dropped = std::get_if<drop_cancel>(&lookup);
    return (peers != nullptr && !peers->is_verified) || (dropped != nullptr && dropped->is_foreign);
}

/// Nothing when the peer sends anything but a CancelRequest, or nothing in time.
asio::awaitable<std::optional<wire::cancel_request>> read_request(async_socket& peer) {
    const phase_deadline deadline(peer.socket(), peer_timeout);
    wire::startup_decoder decoder;
    const bool complete = co_await read_message(peer, decoder);
    if (!complete) {
        co_return std::nullopt;
    }
    auto opening = decoder.take();
    auto* const request = std::get_if<wire::cancel_request>(&opening);
    if (request == nullptr) {
        co_return std::nullopt;
    }
    co_return std::move(*request);
}

} // namespace

asio::awaitable<void> handle_cancel(
    cancel_service& service, const cluster_map& clusters, cancel_client client, std::string key
) {
    auto lookup = service.look_up(key, false, clusters);
    if (auto* const target = std::get_if<cancel_target>(&lookup)) {
        co_await forward(service, clusters, std::move(*target));
        co_return;
    }
    const bool goes_to_peers = std::holds_alternative<try_peers>(lookup);
    const bool broadcasts = client.broadcasts_cancels && is_foreign(lookup);
    if (!goes_to_peers && !broadcasts) {
        drop(service, drop_reason::unknown_key);
        co_return;
    }
    if (is_foreign(lookup) && !service.admit(client.address)) {
        drop(service, drop_reason::network_limit);
        co_return;
    }
    const auto slot = co_await service.forward_slots().acquire(max_wait);
    if (!slot) {
        drop(service, drop_reason::overload);
        co_return;
    }
    if (broadcasts) {
        auto servers = service.passthrough().servers_of(client.listener, key);
        co_await broadcast(service, clusters, std::move(servers));
    }
    if (goes_to_peers) {
        co_await pass_on(service, std::move(key));
    }
}

asio::awaitable<void>
serve_peer(cancel_service& service, const cluster_map& clusters, asio::ip::tcp::socket peer) {
    const auto share = service.begin_peer_request();
    if (!share) {
        drop(service, drop_reason::overload);
        co_return;
    }
    async_socket connection(std::move(peer)); // closing it is the answer
    const auto request = co_await read_request(connection);
    if (!request) {
        co_return;
    }
    auto lookup = service.look_up(request->key, true, clusters);
    if (auto* const target = std::get_if<cancel_target>(&lookup)) {
        co_await forward(service, clusters, std::move(*target));
        co_return;
    }
    auto servers = service.passthrough().all_servers(request->key);
    if (is_foreign(lookup) && !servers.empty()) {
        co_await broadcast(service, clusters, std::move(servers));
    } else {
        drop(service, drop_reason::unknown_key);
    }
}

void report_dropped_cancels(cancel_drops& drops) {
    const auto dropped = drops.take_report(clock::now());
    if (dropped) {
        log::warning("cancels_dropped")
            .with("network_limit", dropped->network_limit)
            .with("overload", dropped->overload);
    }
}

} // namespace wakegate::proxy
