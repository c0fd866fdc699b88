#pragma once

#include "proxy/backend/endpoint.hpp"

#include <boost/asio/ip/tcp.hpp>

#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>

namespace wakegate::proxy {

class cancel_registry;

/// Whose query a CancelRequest is to stop, as far as this proxy knows.
struct cancel_address {
    const backend_endpoint* where = nullptr;
    /// Of the session's own server: the cluster's name may lead to another one by now.
    boost::asio::ip::tcp::endpoint server;
    std::string backend_key; ///< process id and secret, as the server has them

    friend bool operator==(const cancel_address&, const cancel_address&) = default;
};

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

/// The sessions of this proxy that a CancelRequest can only find with its help, by the whole key
/// that the client has: the server's own where that was passed on (`auth: passthrough`), or a short
/// one of ours. Any thread: logins and cancels are rare enough for a lock. Clusters outlive it.
class cancel_registry {
public:
    /// Empty when another session has that key, which keeps it: of two servers' keys that happens
    /// by a chance of 1 in 2^32, and of keys of ours another one is drawn.
    [[nodiscard]] registered_key add(const std::string& key, cancel_address whose);

    [[nodiscard]] std::optional<cancel_address> find(const std::string& key) const;

private:
    friend class registered_key;
    void remove(const std::string& key);

    mutable std::mutex mutex_;
    std::unordered_map<std::string, cancel_address> by_key_;
};

} // namespace wakegate::proxy
