#include "proxy/session/cancel_registry.hpp"

namespace wakegate::proxy {

void cancel_registry::remember(const std::string& key, const host_port& backend) {
    const std::lock_guard lock(mutex_);
    backends_.insert_or_assign(key, &backend);
}

void cancel_registry::forget(const std::string& key) {
    const std::lock_guard lock(mutex_);
    backends_.erase(key);
}

std::optional<host_port> cancel_registry::find(const std::string& key) const {
    const std::lock_guard lock(mutex_);
    const auto found = backends_.find(key);
    if (found == backends_.end()) {
        return std::nullopt;
    }
    return *found->second;
}

} // namespace wakegate::proxy
