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

/// A peer has all it wants to say at hand.
constexpr auto peer_timeout = seconds(2);

/// For other cancels to make room. Drivers give up on theirs after 10 s (pgjdbc's
/// cancelSignalTimeout).
constexpr auto max_wait = seconds(10);

cancel_lookup look_up(const session_context& around, const std::string& key, bool from_peer) {
    return around.cancels.look_up(key, from_peer, [&around](std::string_view name) {
        const auto found = around.clusters.find(name);
        return found == around.clusters.end() ? nullptr : found->second.get();
    });
}

void drop(session_context& around, drop_reason reason) {
    around.count_cancel("dropped", to_string(reason));
    log::debug("cancel_dropped").with("reason", to_string(reason));
    around.cancels.drops().add(reason);
    report_dropped_cancels(around.cancels.drops());
}

async_semaphore& slots_at(session_context& around, const cancel_address& whose) {
    return around.clusters.find(whose.where->cluster)->second->cancel_slots;
}

asio::awaitable<void> forward(session_context& around, cancel_address whose) {
    const auto slot = co_await slots_at(around, whose).acquire(max_wait);
    if (!slot) {
        drop(around, drop_reason::overload);
        co_return;
    }
    around.count_cancel("forwarded", "");
    log::debug("cancel_forwarded").with("cluster", whose.where->cluster);
    co_await forward_to_backend(std::move(whose));
}

/// One of many: whose it is the servers know.
asio::awaitable<void> forward_copy(session_context& around, cancel_address whose) {
    const auto slot = co_await slots_at(around, whose).acquire(max_wait);
    if (slot) {
        co_await forward_to_backend(std::move(whose));
    } else {
        drop(around, drop_reason::overload);
    }
}

asio::awaitable<void> broadcast(session_context& around, std::vector<cancel_address> servers) {
    around.count_cancel("broadcast", "");
    log::debug("cancel_broadcast").with("servers", servers.size());
    std::vector<asio::awaitable<void>> under_way;
    for (auto& each : servers) {
        under_way.push_back(forward_copy(around, std::move(each)));
    }
    co_await run_all(std::move(under_way));
}

asio::awaitable<void> hop(session_context& around, std::string key) {
    around.count_cancel("hopped", "");
    log::debug("cancel_hopped");
    co_await forward_to_peers(around.cancels.peers(), std::move(key));
}

bool is_foreign(const cancel_lookup& verdict) {
    const auto* const asked = std::get_if<try_peers>(&verdict);
    const auto* const dropped = std::get_if<drop_cancel>(&verdict);
    return (asked != nullptr && !asked->is_verified) || (dropped != nullptr && dropped->is_foreign);
}

} // namespace

asio::awaitable<void>
handle_cancel(session_context& around, const listener& by, ip_address from, std::string key) {
    auto verdict = look_up(around, key, false);
    if (auto* const whose = std::get_if<cancel_address>(&verdict)) {
        co_await forward(around, std::move(*whose));
        co_return;
    }
    const bool hops = std::holds_alternative<try_peers>(verdict);
    const bool broadcasts = by.broadcast_cancels && is_foreign(verdict);
    if (!hops && !broadcasts) {
        drop(around, drop_reason::unknown_key);
        co_return;
    }
    if (is_foreign(verdict) && !around.cancels.admit(from)) {
        drop(around, drop_reason::network_limit);
        co_return;
    }
    const auto slot = co_await around.cancels.forward_slots().acquire(max_wait);
    if (!slot) {
        drop(around, drop_reason::overload);
        co_return;
    }
    if (broadcasts) {
        co_await broadcast(around, around.tls_passthrough.servers_of(by, key));
    }
    if (hops) {
        co_await hop(around, std::move(key));
    }
}

asio::awaitable<void> serve_peer(session_context& around, asio::ip::tcp::socket peer) {
    const auto place = around.cancels.begin_peer_request();
    if (!place) {
        drop(around, drop_reason::overload);
        co_return;
    }
    client_socket caller(std::move(peer));
    const handshake_settings settings{.startup_timeout = peer_timeout};
    const auto received = co_await handshake(caller, settings);
    const auto* const request = received ? std::get_if<wire::cancel_request>(&*received) : nullptr;
    if (request == nullptr) {
        co_return;
    }
    auto verdict = look_up(around, request->key, true);
    if (auto* const whose = std::get_if<cancel_address>(&verdict)) {
        co_await forward(around, std::move(*whose));
        co_return;
    }
    auto servers = around.tls_passthrough.all_servers(request->key);
    if (is_foreign(verdict) && !servers.empty()) {
        co_await broadcast(around, std::move(servers));
    } else {
        drop(around, drop_reason::unknown_key);
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
