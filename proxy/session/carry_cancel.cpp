#include "proxy/session/carry_cancel.hpp"

#include "common/log.hpp"
#include "proxy/session/forward_cancel.hpp"
#include "proxy/session/greet.hpp"
#include "proxy/session/offer_cancel.hpp"
#include "proxy/session/session_surroundings.hpp"

#include <string_view>
#include <utility>

namespace wakegate::proxy {

namespace asio = boost::asio;

namespace {

/// A peer has all it wants to say at hand.
constexpr auto peer_timeout = seconds(2);

cancel_verdict judge(const session_surroundings& around, const std::string& key, bool from_peer) {
    return around.cancels.judge(key, from_peer, [&around](std::string_view name) {
        const auto found = around.clusters.find(name);
        return found == around.clusters.end() ? nullptr : found->second.get();
    });
}

void drop(const session_surroundings& around, std::string_view reason) {
    around.cancelled("dropped");
    log::debug("cancel_dropped").with("reason", reason);
}

asio::awaitable<void> forward(const session_surroundings& around, cancel_address whose) {
    around.cancelled("forwarded");
    log::debug("cancel_forwarded").with("cluster", whose.where->name);
    co_await forward_cancel(std::move(whose));
}

asio::awaitable<void> hop(session_surroundings& around, std::string key) {
    const auto place = around.cancels.begin_asking();
    if (!place) {
        drop(around, "too many hops");
        co_return;
    }
    around.cancelled("hopped");
    log::debug("cancel_hopped");
    co_await offer_cancel(around.cancels.peers(), std::move(key));
}

} // namespace

asio::awaitable<void> carry_cancel(session_surroundings& around, ip_address from, std::string key) {
    if (!around.cancels.admit(from)) {
        drop(around, "too many");
        co_return;
    }
    auto verdict = judge(around, key, false);
    if (auto* const whose = std::get_if<cancel_address>(&verdict)) {
        co_await forward(around, std::move(*whose));
    } else if (std::holds_alternative<ask_peers>(verdict)) {
        co_await hop(around, std::move(key));
    } else {
        drop(around, "nobody's key");
    }
}

asio::awaitable<void> serve_peer(session_surroundings& around, asio::ip::tcp::socket peer) {
    const auto place = around.cancels.begin_answering();
    if (!place) {
        drop(around, "too many from peers");
        co_return;
    }
    client_socket caller(std::move(peer));
    const greeting_rules rules{.startup_timeout = peer_timeout};
    const auto greeted = co_await greet(caller, rules);
    const auto* const request = std::get_if<wire::cancel_request>(&greeted);
    if (request == nullptr) {
        co_return;
    }
    auto verdict = judge(around, request->key, true);
    if (auto* const whose = std::get_if<cancel_address>(&verdict)) {
        co_await forward(around, std::move(*whose));
    } else {
        drop(around, "not this replica's key");
    }
}

} // namespace wakegate::proxy
