#pragma once

#include "common/cidr.hpp"
#include "proxy/cancel/cancel_drops.hpp"
#include "proxy/cancel/cancel_registry.hpp"
#include "proxy/cancel/cancel_settings.hpp"
#include "proxy/cancel/cancel_target.hpp"
#include "proxy/cancel/keys/cancel_rate.hpp"
#include "proxy/cancel/keys/cancel_secrets.hpp"
#include "proxy/cancel/keys/locate_key.hpp"
#include "proxy/cancel/passthrough_sessions.hpp"
#include "proxy/cluster/cluster.hpp"
#include "proxy/net/async_semaphore.hpp"
#include "proxy/net/load_guard.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace wakegate::proxy {

/// The key that a client is given in place of its server's.
struct issued_key {
    std::string key;      ///< for BackendKeyData; empty: this session can't be cancelled
    registered_key entry; ///< in the registry; empty when the key holds its target
};

/// Shared by all cancels of this process: issues keys, finds the sessions that the keys of
/// CancelRequests belong to, and limits how many cancels are under way. Any thread.
class cancel_service {
public:
    /// Any thread. Counts a cancel's outcome: "forwarded", "hopped" (to the peers), "broadcast", or
    /// "dropped" with its reason.
    using outcome_counter = std::function<void(std::string_view outcome, std::string_view reason)>;

    /// Throws std::runtime_error when OpenSSL has no random bytes.
    explicit cancel_service(const cancel_settings& settings, outcome_counter count = {});

    /// A key for the session at `target`; its `backend_key` has 8 bytes or more, and its process id
    /// is in the new one as well. A client that speaks protocol 3.2 gets a key that any replica can
    /// resolve, unless it would be too long; older ones get eight bytes.
    [[nodiscard]] issued_key issue(const cancel_target& target, std::uint32_t protocol);

    /// Replaces the server's key, if any, by one of ours. `server_output`: the server's messages up
    /// to its first ReadyForQuery, which have the key that `target` lacks. Keep the result as long
    /// as the session lives.
    [[nodiscard]] registered_key
    replace_key(cancel_target target, std::uint32_t protocol, std::string& server_output);

    /// Limits, per client network, keys that are neither found here nor verified: each of them
    /// costs every peer a connection. False: drop it.
    [[nodiscard]] bool admit(const ip_address& client);

    /// `from_peer`: another replica has forwarded it, so it is not forwarded again.
    [[nodiscard]] cancel_lookup
    look_up(const std::string& key, bool from_peer, const cluster_map& clusters) const;

    /// For clients' requests that are forwarded to peers, or broadcast: each of them costs a
    /// connection to every peer or server. Requests from peers take none: two replicas that forward
    /// to each other could deadlock.
    [[nodiscard]] async_semaphore& forward_slots() noexcept { return forward_slots_; }

    /// One of the connections that peers may have; nothing when all are in use.
    [[nodiscard]] std::optional<load_guard> begin_peer_request();

    void count(std::string_view outcome, std::string_view reason = {}) const;

    [[nodiscard]] cancel_drops& drops() noexcept { return drops_; }

    [[nodiscard]] const std::vector<host_port>& peers() const noexcept { return settings_.peers; }

    [[nodiscard]] cancel_registry& registry() noexcept { return registry_; }

    /// Of listeners with `cancel: broadcast`.
    [[nodiscard]] passthrough_sessions& passthrough() noexcept { return passthrough_; }

private:
    [[nodiscard]] issued_key issue_short(const cancel_target& target);
    [[nodiscard]] bool may_have_sessions(const cluster& named) const;

    const cancel_settings settings_;
    const outcome_counter count_;
    const std::shared_ptr<const cancel_secrets> secrets_;
    cancel_registry registry_;
    passthrough_sessions passthrough_;
    async_semaphore forward_slots_;
    cancel_drops drops_;
    std::shared_ptr<load_guard::counter> peer_requests_;
    std::mutex mutex_; ///< of the rate alone
    cancel_rate rate_;
};

} // namespace wakegate::proxy
