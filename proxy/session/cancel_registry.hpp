#pragma once

#include "common/host_port.hpp"

#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>

namespace wakegate::proxy {

/// Which backend owns a BackendKeyData (process id and secret) that this proxy has passed on, so
/// that a CancelRequest finds its way. Any thread: logins and cancels are rare enough for a lock.
class cancel_registry {
public:
    /// `backend` outlives the entry.
    void remember(const std::string& key, const host_port& backend);
    void remember(const std::string& key, host_port&& backend) = delete;
    void forget(const std::string& key);
    [[nodiscard]] std::optional<host_port> find(const std::string& key) const;

private:
    mutable std::mutex mutex_;
    std::unordered_map<std::string, const host_port*> backends_;
};

} // namespace wakegate::proxy
