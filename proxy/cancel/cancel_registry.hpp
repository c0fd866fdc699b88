#pragma once

#include "proxy/cancel/cancel_target.hpp"

#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>

namespace wakegate::proxy {

class cancel_registry;

/// A session's entry in a registry, removed when this is destroyed. Empty by default. The registry
/// outlives it. Any thread.
class registered_key {
public:
    registered_key() = default;

    registered_key(cancel_registry& registry, std::string key) noexcept
        : registry_(&registry), key_(std::move(key)) {}

    registered_key(registered_key&& other) noexcept
        : registry_(std::exchange(other.registry_, nullptr)), key_(std::move(other.key_)) {}

    registered_key& operator=(registered_key&& other) noexcept {
        std::swap(registry_, other.registry_);
        std::swap(key_, other.key_);
        return *this;
    }

    ~registered_key();

    [[nodiscard]] explicit operator bool() const noexcept { return registry_ != nullptr; }

private:
    cancel_registry* registry_ = nullptr;
    std::string key_;
};

/// The sessions of this proxy whose keys do not hold their target, by the whole key that the client
/// has: the server's own where that was passed on (`auth: passthrough`), or a short one of ours.
/// Any thread: logins and cancels are rare enough for a lock. Clusters outlive it.
class cancel_registry {
public:
    /// Empty when another session has that key, which keeps it. Two servers' keys are the same by a
    /// chance of 1 in 2^32; instead of a key of ours the caller makes another one.
    [[nodiscard]] registered_key add(const std::string& key, const cancel_target& target);

    [[nodiscard]] std::optional<cancel_target> find(const std::string& key) const;

private:
    friend class registered_key;
    void remove(const std::string& key);

    mutable std::mutex mutex_;
    std::unordered_map<std::string, cancel_target> by_key_;
};

} // namespace wakegate::proxy
