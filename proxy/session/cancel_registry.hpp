#pragma once

#include "proxy/session/cluster.hpp"

#include <mutex>
#include <string>
#include <unordered_map>

namespace wakegate::proxy {

/// Which cluster's backend owns a BackendKeyData (process id and secret) that this proxy has passed
/// on, so that a CancelRequest finds its way. Any thread: logins and cancels are rare enough for a
/// lock.
class cancel_registry {
public:
    /// `where` outlives the registry.
    void remember(const std::string& key, const cluster_settings& where);
    void remember(const std::string& key, cluster_settings&& where) = delete;
    void forget(const std::string& key);
    /// Null when nobody has been given it.
    [[nodiscard]] const cluster_settings* find(const std::string& key) const;

private:
    mutable std::mutex mutex_;
    std::unordered_map<std::string, const cluster_settings*> owners_;
};

} // namespace wakegate::proxy
