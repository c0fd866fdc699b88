#include "proxy/session/passthrough_sessions.hpp"

#include <set>

namespace wakegate::proxy {

passthrough_sessions::entry
passthrough_sessions::add(const listener& listener, const cancel_address& where) {
    const std::lock_guard lock(mutex_);
    const auto key = server(&listener, where.where, where.server);
    const auto counted = sessions_.try_emplace(key, 0).first;
    ++counted->second;
    return {*this, counted};
}

std::vector<cancel_address>
passthrough_sessions::servers_of(const listener& listener, const std::string& key) const {
    return collect(&listener, key);
}

std::vector<cancel_address> passthrough_sessions::all_servers(const std::string& key) const {
    return collect(nullptr, key);
}

std::vector<cancel_address>
passthrough_sessions::collect(const listener* listener, const std::string& key) const {
    std::set<std::pair<const backend_endpoint*, boost::asio::ip::tcp::endpoint>> servers;
    {
        const std::lock_guard lock(mutex_);
        for (const auto& [counted_server, count] : sessions_) {
            const auto& [accepted_by, settings, endpoint] = counted_server;
            if (listener == nullptr || accepted_by == listener) {
                servers.emplace(settings, endpoint);
            }
        }
    }
    std::vector<cancel_address> found;
    for (const auto& [settings, endpoint] : servers) {
        found.push_back({.where = settings, .server = endpoint, .backend_key = key});
    }
    return found;
}

void passthrough_sessions::remove(session_counts::iterator counted) noexcept {
    const std::lock_guard lock(mutex_);
    if (--counted->second == 0) {
        sessions_.erase(counted);
    }
}

} // namespace wakegate::proxy
