#include "proxy/cancel/passthrough_sessions.hpp"

#include <set>

namespace wakegate::proxy {

passthrough_sessions::entry
passthrough_sessions::add(std::string_view listener, const cancel_target& session) {
    const std::lock_guard lock(mutex_);
    const auto key = server(listener, session.endpoint, session.server);
    const auto counted = sessions_.try_emplace(key, 0).first;
    ++counted->second;
    return {*this, counted};
}

std::vector<cancel_target>
passthrough_sessions::servers_of(std::string_view listener, const std::string& key) const {
    return collect(&listener, key);
}

std::vector<cancel_target> passthrough_sessions::all_servers(const std::string& key) const {
    return collect(nullptr, key);
}

std::vector<cancel_target>
passthrough_sessions::collect(const std::string_view* listener, const std::string& key) const {
    std::set<std::pair<const backend_endpoint*, boost::asio::ip::tcp::endpoint>> servers;
    {
        const std::lock_guard lock(mutex_);
        for (const auto& [counted_server, count] : sessions_) {
            const auto& [accepted_by, endpoint, address] = counted_server;
            if (listener == nullptr || accepted_by == *listener) {
                servers.emplace(endpoint, address);
            }
        }
    }
    std::vector<cancel_target> found;
    found.reserve(servers.size());
    for (const auto& [endpoint, address] : servers) {
        found.push_back({.endpoint = endpoint, .server = address, .backend_key = key});
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
