#include "proxy/session/cancel_registry.hpp"

#include "proxy/cancel/short_key.hpp"

#include <algorithm>

namespace wakegate::proxy {

session_number::~session_number() {
    if (in_ != nullptr) {
        in_->release(value_);
    }
}

cancel_registry::cancel_registry(std::uint32_t first)
    : next_(std::clamp(first, 1U, short_key::max_session)) {}

void cancel_registry::remember(const std::string& server_key, const cluster_settings& where) {
    const std::lock_guard lock(mutex_);
    by_server_key_.insert_or_assign(server_key, &where);
}

void cancel_registry::forget(const std::string& server_key) {
    const std::lock_guard lock(mutex_);
    by_server_key_.erase(server_key);
}

std::optional<cancel_address> cancel_registry::find(const std::string& server_key) const {
    const std::lock_guard lock(mutex_);
    const auto found = by_server_key_.find(server_key);
    if (found == by_server_key_.end()) {
        return std::nullopt;
    }
    return cancel_address{.where = found->second, .backend_key = server_key};
}

session_number cancel_registry::number(cancel_address whose) {
    const std::lock_guard lock(mutex_);
    if (by_number_.size() >= short_key::max_session) {
        return {};
    }
    for (;;) {
        const auto number = next_;
        next_ = number < short_key::max_session ? number + 1 : 1;
        if (by_number_.try_emplace(number, std::move(whose)).second) {
            return {*this, number};
        }
    }
}

std::optional<cancel_address> cancel_registry::find(std::uint32_t number) const {
    const std::lock_guard lock(mutex_);
    const auto found = by_number_.find(number);
    return found == by_number_.end() ? std::nullopt : std::optional(found->second);
}

void cancel_registry::release(std::uint32_t number) {
    const std::lock_guard lock(mutex_);
    by_number_.erase(number);
}

} // namespace wakegate::proxy
