#include "proxy/cancel/cancel_registry.hpp"

namespace wakegate::proxy {

registered_key::~registered_key() {
    if (registry_ != nullptr) {
        registry_->remove(key_);
    }
}

registered_key cancel_registry::add(const std::string& key, const cancel_target& target) {
    const std::lock_guard lock(mutex_);
    const bool is_new = by_key_.try_emplace(key, target).second;
    return is_new ? registered_key(*this, key) : registered_key();
}

std::optional<cancel_target> cancel_registry::find(const std::string& key) const {
    const std::lock_guard lock(mutex_);
    const auto found = by_key_.find(key);
    return found == by_key_.end() ? std::nullopt : std::optional(found->second);
}

void cancel_registry::remove(const std::string& key) {
    const std::lock_guard lock(mutex_);
    by_key_.erase(key);
}

} // namespace wakegate::proxy
