#pragma once

#include "proxy/session/cluster.hpp"

#include <cstdint>
#include <mutex>
#include <string>
#include <unordered_map>
#include <utility>

namespace wakegate::proxy {

class cancel_registry;

/// Whose query a CancelRequest is to stop, as far as this proxy knows.
struct cancel_address {
    const cluster_settings* where = nullptr;
    std::string backend_key; ///< process id and secret, as the server has them

    friend bool operator==(const cancel_address&, const cancel_address&) = default;
};

/// A session's number in a registry, free again when this goes. Empty by default. The registry
/// outlives it. Any thread.
class session_number {
public:
    session_number() = default;

    session_number(cancel_registry& in, std::uint32_t value) noexcept : in_(&in), value_(value) {}

    session_number(session_number&& other) noexcept
        : in_(std::exchange(other.in_, nullptr)), value_(other.value_) {}

    session_number(const session_number&) = delete;
    session_number& operator=(const session_number&) = delete;
    session_number& operator=(session_number&&) = delete;
    ~session_number();

    [[nodiscard]] explicit operator bool() const noexcept { return in_ != nullptr; }

    [[nodiscard]] std::uint32_t value() const noexcept { return value_; }

private:
    cancel_registry* in_ = nullptr;
    std::uint32_t value_ = 0;
};

/// The sessions of this proxy that a CancelRequest can only find with its help: by the server's own
/// key where that was passed on (`auth: passthrough`), by number where the client has a short key
/// of ours. Any thread: logins and cancels are rare enough for a lock. Clusters outlive it.
class cancel_registry {
public:
    /// `first`: the number that the first session gets, random so that keys of an earlier process
    /// find nobody.
    explicit cancel_registry(std::uint32_t first = 1);

    void remember(const std::string& server_key, const cluster_settings& where);
    void remember(const std::string& server_key, cluster_settings&& where) = delete;
    void forget(const std::string& server_key);
    [[nodiscard]] std::optional<cancel_address> find(const std::string& server_key) const;

    /// Counts on, past those in use, so that a number comes again only after millions of logins.
    /// Empty when all are in use.
    [[nodiscard]] session_number number(cancel_address whose);
    [[nodiscard]] std::optional<cancel_address> find(std::uint32_t number) const;

private:
    friend class session_number;
    void release(std::uint32_t number);

    mutable std::mutex mutex_;
    std::unordered_map<std::string, const cluster_settings*> by_server_key_;
    std::unordered_map<std::uint32_t, cancel_address> by_number_;
    std::uint32_t next_;
};

} // namespace wakegate::proxy
