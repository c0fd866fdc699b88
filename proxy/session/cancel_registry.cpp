#include "proxy/session/cancel_registry.hpp"

namespace wakegate::proxy {

void cancel_registry::remember(const std::string& key, const cluster_settings& where) {
    const std::lock_guard lock(mutex_);
    owners_.insert_or_assign(key, &where);
}

void cancel_registry::forget(const std::string& key) {
    const std::lock_guard lock(mutex_);
    owners_.erase(key);
}

const cluster_settings* cancel_registry::find(const std::string& key) const {
    const std::lock_guard lock(mutex_);
    const auto found = owners_.find(key);
    return found == owners_.end() ? nullptr : found->second;
}

} // namespace wakegate::proxy
