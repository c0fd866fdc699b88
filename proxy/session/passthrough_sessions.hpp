#pragma once

#include "proxy/session/cancel_registry.hpp"
#include "proxy/session/listener.hpp"

#include <cstddef>
#include <map>
#include <mutex>
#include <tuple>
#include <utility>
#include <vector>

namespace wakegate::proxy {

/// The servers of sessions whose TLS passes through unopened, for listeners with `cancel:
/// broadcast`: the cancel keys of such sessions can't be known here. Any thread. Listeners and
/// clusters outlive it, and it outlives its entries.
class passthrough_sessions {
    using server =
        std::tuple<const listener*, const backend_endpoint*, boost::asio::ip::tcp::endpoint>;
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

    [[nodiscard]] entry add(const listener& listener, const cancel_address& where);

    /// Each server once, with `key` as the one to cancel.
    [[nodiscard]] std::vector<cancel_address>
    servers_of(const listener& listener, const std::string& key) const;

    /// The same of all listeners.
    [[nodiscard]] std::vector<cancel_address> all_servers(const std::string& key) const;

private:
    /// `listener`: null for all of them.
    [[nodiscard]] std::vector<cancel_address>
    collect(const listener* listener, const std::string& key) const;
    void remove(session_counts::iterator counted) noexcept;

    mutable std::mutex mutex_;
    session_counts sessions_;
};

} // namespace wakegate::proxy
