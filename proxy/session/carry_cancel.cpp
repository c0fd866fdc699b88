#include "proxy/session/carry_cancel.hpp"

#include "common/log.hpp"
#include "proxy/session/forward_cancel.hpp"
#include "proxy/session/session.hpp"

#include <utility>

namespace wakegate::proxy {

namespace asio = boost::asio;

namespace {

cancel_verdict judge(const session_surroundings& around, const std::string& key, bool from_peer) {
    return around.cancels.judge(key, from_peer, [&around](std::string_view name) {
        const auto found = around.clusters.find(name);
        return found == around.clusters.end() ? nullptr : found->second.get();
    });
}

} // namespace

asio::awaitable<void> carry_cancel(session_surroundings& around, std::string key) {
    auto verdict = judge(around, key, false);
    if (auto* const whose = std::get_if<cancel_address>(&verdict)) {
        log::debug("cancel_forwarded").with("cluster", whose->where->name);
        co_await forward_cancel(std::move(*whose));
        co_return;
    }
    log::debug("cancel_dropped").with("reason", "nobody's key");
}

} // namespace wakegate::proxy
