#pragma once

#include "common/cidr.hpp"
#include "proxy/cancel/cancel_drops.hpp"
#include "proxy/cancel/cancel_rate.hpp"
#include "proxy/cancel/cancel_secrets.hpp"
#include "proxy/cancel/sealed_key.hpp"
#include "proxy/net/async_semaphore.hpp"
#include "proxy/net/load_guard.hpp"
#include "proxy/session/cancel_registry.hpp"
#include "proxy/session/cancel_settings.hpp"
#include "proxy/session/cluster.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace wakegate::proxy {

/// The key that a client is given in place of its server's.
struct issued_key {
    std::string key;      ///< for BackendKeyData; empty: this session can't be cancelled
    registered_key entry; ///< of this session here; empty when the key says all by itself
};

/// Nothing is done. The client is never told anything, as the protocol demands (message flow,
/// "Canceling Requests in Progress"), so it learns of no session, cluster or replica.
struct drop_cancel {
    /// The key is none of this installation. It may be a server's own that nobody here has seen.
    bool is_foreign = false;

    friend bool operator==(const drop_cancel&, const drop_cancel&) = default;
};

/// This replica does not know the key; another one may.
struct try_peers {
    /// The key is one of this installation. Any other may be a server's own, or a guess.
    bool is_verified = false;

    friend bool operator==(const try_peers&, const try_peers&) = default;
};

using cancel_lookup = std::variant<drop_cancel, cancel_address, try_peers>;

/// What all cancels of this process share: the keys that are given out, and what becomes of those
/// that come back. Any thread.
class cancel_service {
public:
    using cluster_finder = std::function<const cluster*(std::string_view name)>;

    /// Throws std::runtime_error when OpenSSL has no random bytes.
    explicit cancel_service(const cancel_settings& settings);

    /// A key for the session whose server and key these are; `backend_key` has 8 bytes or more, and
    /// its process id is in the new one as well. A client that speaks protocol 3.2 gets a key that
    /// any replica can follow, when it is not too long; older ones get eight bytes.
    [[nodiscard]] issued_key issue(cancel_address whose, std::uint32_t protocol);

    /// Puts a key of ours in the place of the server's, if it gave one, in what it said up to its
    /// first ReadyForQuery. `whose` says where the session is and not yet by which key. What this
    /// gives lives as long as the session.
    [[nodiscard]] registered_key
    replace_key(cancel_address whose, std::uint32_t protocol, std::string& server_output);

    /// False: drop it. For keys that are neither found here nor verified, by the client's network:
    /// each of them costs every peer a connection.
    [[nodiscard]] bool admit(const ip_address& from);

    /// `from_peer`: it has had its one hop.
    [[nodiscard]] cancel_lookup
    look_up(const std::string& key, bool from_peer, const cluster_finder& find) const;

    /// For clients' requests that are passed on to peers, or broadcast: each of them costs a
    /// connection to every peer or server. What peers pass on takes none, or two replicas that ask
    /// each other could each wait for the other's.
    [[nodiscard]] async_semaphore& forward_slots() noexcept { return hop_slots_; }

    /// A place among the connections of peers; nothing when there are more than they may have.
    [[nodiscard]] std::optional<load_guard> begin_peer_request();

    [[nodiscard]] cancel_drops& drops() noexcept { return drops_; }

    [[nodiscard]] const std::vector<host_port>& peers() const noexcept { return settings_.peers; }

    [[nodiscard]] cancel_registry& registry() noexcept { return registry_; }

private:
    [[nodiscard]] issued_key issue_short(const cancel_address& whose);
    [[nodiscard]] cancel_lookup
    look_up_sealed(cancel_target target, const cluster_finder& find) const;
    [[nodiscard]] bool may_have_sessions(const cluster& where) const;

    const cancel_settings settings_;
    const std::shared_ptr<const cancel_secrets> secrets_;
    cancel_registry registry_;
    async_semaphore hop_slots_;
    cancel_drops drops_;
    std::shared_ptr<load_guard::counter> answering_;
    std::mutex mutex_; ///< of the rate alone
    cancel_rate rate_;
};

} // namespace wakegate::proxy
