#pragma once

#include "proxy/cancel/cancel_target.hpp"

#include <cstddef>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

namespace wakegate::proxy {

/// The servers of sessions whose TLS passes through, for listeners with `cancel: broadcast`: the
/// cancel keys of such sessions can't be known here. Any thread. Clusters and the names of
/// listeners outlive it, and it outlives its entries.
class passthrough_sessions {
    using server =
        std::tuple<std::string_view, const backend_endpoint*, boost::asio::ip::tcp::endpoint>;
    using session_counts = std::map<server, std::size_t>;

public:
    /// One session, until it is destroyed. Empty by default.
    class entry {
    public:
        entry() = default;

        entry(passthrough_sessions& owner, session_counts::iterator counted) noexcept
            : owner_(&owner), counted_(counted) {}

        entry(entry&& other) noexcept
            : owner_(std::exchange(other.owner_, nullptr)), counted_(other.counted_) {}

        entry& operator=(entry&&) = delete;

        ~entry() {
            if (owner_ != nullptr) {
                owner_->remove(counted_);
            }
        }

    private:
        passthrough_sessions* owner_ = nullptr;
        session_counts::iterator counted_;
    };

    /// `listener`: its name.
    [[nodiscard]] entry add(std::string_view listener, const cancel_target& session);

    /// Each server of that listener's sessions once, with `key` as the one to cancel.
    [[nodiscard]] std::vector<cancel_target>
    servers_of(std::string_view listener, const std::string& key) const;

    /// The same of all listeners.
    [[nodiscard]] std::vector<cancel_target> all_servers(const std::string& key) const;

private:
    /// `listener`: null for all of them.
    [[nodiscard]] std::vector<cancel_target>
    collect(const std::string_view* listener, const std::string& key) const;
    void remove(session_counts::iterator counted) noexcept;

    mutable std::mutex mutex_;
    session_counts sessions_;
};

} // namespace wakegate::proxy
