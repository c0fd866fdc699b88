#pragma once

#include "proxy/auth/verifier_cache.hpp"

#include <chrono>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace wakegate::proxy {

/// The roles that servers have reported, kept in one file for all clusters of this process, so that
/// it survives their sleep and its own restarts. A file that can't be read or written is logged; an
/// unreadable one is renamed to PATH.unusable before a new one is written. Blocks on the disk;
/// lives on the control thread.
class verifier_store {
public:
    /// Reads the file. Roles of other clusters are dropped.
    verifier_store(std::string path, const std::set<std::string>& clusters);

    [[nodiscard]] const std::vector<auth::cached_verifier>& roles_of(const std::string& cluster
    ) const;

    /// Replaces one cluster's roles, and the file unless it has them already. True: they have
    /// changed; a later `fetched_at` alone is no change.
    bool replace(const std::string& cluster, std::vector<auth::cached_verifier> roles);

    /// By the wall clock: when the file was last known to have the servers' roles, by writing it or
    /// because nothing had changed; at the start, when it was written. 1970: never.
    [[nodiscard]] std::chrono::sys_seconds stored_at() const noexcept { return stored_at_; }

private:
    void save();
    void move_aside();

    std::string path_;
    std::map<std::string, std::vector<auth::cached_verifier>> roles_;
    std::chrono::sys_seconds stored_at_{};
    std::string saved_state_;      ///< of the file as this process has left it
    std::string last_error_;       ///< to log each once
    bool file_unreadable_ = false; ///< the file could not be read, so `roles_` lacks its roles
};

} // namespace wakegate::proxy
