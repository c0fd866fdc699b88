#pragma once

#include "proxy/auth/verifier_cache.hpp"

#include <chrono>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace wakegate::proxy {

/// The roles that servers have reported, kept in one file for all clusters of this process, so that
/// it survives their sleep and its own restarts. A file that can't be read or written costs a line
/// in the log; the former is set aside, as PATH.unusable, before another takes its place. Blocks on
/// the disk; lives on the control thread.
class verifier_store {
public:
    /// Reads the file. What it holds of other clusters is forgotten.
    verifier_store(std::string path, const std::set<std::string>& clusters);

    [[nodiscard]] const std::vector<auth::cached_verifier>& roles_of(const std::string& cluster
    ) const;

    /// Replaces one cluster's roles, and the file unless it says the same already: a later
    /// `fetched_at` alone is no news. True: these are.
    bool replace(const std::string& cluster, std::vector<auth::cached_verifier> roles);

    /// By the wall clock: when the file was last made to say what servers have told, or found to
    /// say it already; at the start when it was written. 1970: never.
    [[nodiscard]] std::chrono::sys_seconds stored_at() const noexcept { return stored_at_; }

private:
    void save();
    void move_aside();

    std::string path_;
    std::map<std::string, std::vector<auth::cached_verifier>> roles_;
    std::chrono::sys_seconds stored_at_{};
    std::string saved_state_; ///< of the file as this process has left it
    std::string last_error_;  ///< the last, to log each once
    bool is_unread_ = false;  ///< there is a file, and this is not what it holds
};

} // namespace wakegate::proxy
