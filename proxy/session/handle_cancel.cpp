#include "proxy/session/handle_cancel.hpp"

#include "common/log.hpp"
#include "proxy/net/run_all.hpp"
#include "proxy/session/forward_to_backend.hpp"
#include "proxy/session/forward_to_peers.hpp"
#include "proxy/session/handshake.hpp"
#include "proxy/session/listener.hpp"
#include "proxy/session/session_context.hpp"

#include <string_view>
#include <utility>
#include <vector>

namespace wakegate::proxy {

namespace asio = boost::asio;

namespace {

/// A peer sends its request at once.
constexpr auto peer_timeout = seconds(2);

/// For other cancels to make room. Drivers give up on theirs after 10 s (pgjdbc's
/// cancelSignalTimeout).
constexpr auto max_wait = seconds(10);

cancel_lookup look_up(const session_context& context, const std::string& key, bool from_peer) {
    return context.cancels.look_up(key, from_peer, [&context](std::string_view name) {
        const auto entry = context.clusters.find(name);
        return entry == context.clusters.end() ? nullptr : entry->second.get();
    });
}

void drop(session_context& context, drop_reason reason) {
    context.count_cancel("dropped", to_string(reason));
    log::debug("cancel_dropped").with("reason", to_string(reason));
    context.cancels.drops().add(reason);
    report_dropped_cancels(context.cancels.drops());
}

async_semaphore& slots_at(session_context& context, const cancel_address& target) {
    return context.clusters.find(target.where->cluster)->second->cancel_slots;
}

asio::awaitable<void> forward(session_context& context, cancel_address target) {
    const auto slot = co_await slots_at(context, target).acquire(max_wait);
    if (!slot) {
        drop(context, drop_reason::overload);
        co_return;
    }
    context.count_cancel("forwarded", "");
    log::debug("cancel_forwarded").with("cluster", target.where->cluster);
    co_await forward_to_backend(std::move(target));
}

/// One of many: the server whose key it is will act on it.
asio::awaitable<void> forward_copy(session_context& context, cancel_address target) {
    const auto slot = co_await slots_at(context, target).acquire(max_wait);
    if (slot) {
        co_await forward_to_backend(std::move(target));
    } else {
        drop(context, drop_reason::overload);
    }
}

asio::awaitable<void> broadcast(session_context& context, std::vector<cancel_address> servers) {
    context.count_cancel("broadcast", "");
    log::debug("cancel_broadcast").with("servers", servers.size());
    std::vector<asio::awaitable<void>> under_way;
    for (auto& each : servers) {
        under_way.push_back(forward_copy(context, std::move(each)));
    }
    co_await run_all(std::move(under_way));
}

asio::awaitable<void> pass_to_peers(session_context& context, std::string key) {
    context.count_cancel("hopped", "");
    log::debug("cancel_hopped");
    co_await forward_to_peers(context.cancels.peers(), std::move(key));
}

bool is_foreign(const cancel_lookup& found) {
    const auto* const asked = std::get_if<try_peers>(&found);
    const auto* const dropped = std::get_if<drop_cancel>(&found);
    return (asked != nullptr && !asked->is_verified) || (dropped != nullptr && dropped->is_foreign);
}

} // namespace

asio::awaitable<void> handle_cancel(
    session_context& context, const listener& origin, ip_address source, std::string key
) {
    auto found = look_up(context, key, false);
    if (auto* const target = std::get_if<cancel_address>(&found)) {
        co_await forward(context, std::move(*target));
        co_return;
    }
    const bool goes_to_peers = std::holds_alternative<try_peers>(found);
    const bool broadcasts = origin.broadcast_cancels && is_foreign(found);
    if (!goes_to_peers && !broadcasts) {
        drop(context, drop_reason::unknown_key);
        co_return;
    }
    if (is_foreign(found) && !context.cancels.admit(source)) {
        drop(context, drop_reason::network_limit);
        co_return;
    }
    const auto slot = co_await context.cancels.forward_slots().acquire(max_wait);
    if (!slot) {
        drop(context, drop_reason::overload);
        co_return;
    }
    if (broadcasts) {
        co_await broadcast(context, context.tls_passthrough.servers_of(origin, key));
    }
    if (goes_to_peers) {
        co_await pass_to_peers(context, std::move(key));
    }
}

asio::awaitable<void> serve_peer(session_context& context, asio::ip::tcp::socket peer) {
    const auto place = context.cancels.begin_peer_request();
    if (!place) {
        drop(context, drop_reason::overload);
        co_return;
    }
    client_socket caller(std::move(peer));
    const handshake_settings settings{.startup_timeout = peer_timeout};
    const auto received = co_await handshake(caller, settings);
    const auto* const request = received ? std::get_if<wire::cancel_request>(&*received) : nullptr;
    if (request == nullptr) {
        co_return;
    }
    auto found = look_up(context, request->key, true);
    if (auto* const target = std::get_if<cancel_address>(&found)) {
        co_await forward(context, std::move(*target));
        co_return;
    }
    auto servers = context.tls_passthrough.all_servers(request->key);
    if (is_foreign(found) && !servers.empty()) {
        co_await broadcast(context, std::move(servers));
    } else {
        drop(context, drop_reason::unknown_key);
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
