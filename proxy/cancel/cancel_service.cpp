#include "proxy/cancel/cancel_service.hpp"

#include "common/random.hpp"
#include "proxy/cancel/forward_to_peers.hpp"
#include "proxy/cancel/keys/sealed_key.hpp"
#include "proxy/cancel/keys/short_key.hpp"
#include "proxy/wire/authentication_messages.hpp"
#include "proxy/wire/backend_key.hpp"
#include "proxy/wire/bytes.hpp"
#include "proxy/wire/protocol_version.hpp"

#include <utility>

namespace wakegate::proxy {
namespace {

/// Requests forwarded to peers at one time; the rest wait. Each takes until the session's server
/// has answered, some milliseconds, or a second when a peer's address is dead.
constexpr std::size_t max_forwards = 128;
constexpr std::size_t max_waiting_forwards = 4'096;

/// Requests from peers at one time: as many as `max_peers` of them may forward.
constexpr std::size_t max_peer_requests = max_peers * max_forwards;

constexpr std::size_t process_id_size = 4;

/// Attempts to find a nonce that no other session with the same process id has; the first attempt
/// fails once in a million times.
constexpr int max_tries = 8;

std::uint32_t random_number() {
    return wire::load_uint32(random_bytes(sizeof(std::uint32_t)));
}

std::uint64_t random_seed() {
    return std::uint64_t{random_number()} << 32 | random_number();
}

std::shared_ptr<const cancel_secrets> secrets_of(const cancel_settings& settings) {
    if (settings.secrets != nullptr) {
        return settings.secrets;
    }
    return std::make_shared<const cancel_secrets>(random_bytes(cancel_secrets::min_size));
}

} // namespace

cancel_service::cancel_service(const cancel_settings& settings, outcome_counter count)
    : settings_(settings),
      count_(std::move(count)),
      secrets_(secrets_of(settings)),
      forward_slots_(max_forwards, max_waiting_forwards),
      peer_requests_(std::make_shared<load_guard::counter>(0)),
      rate_(settings.rate, random_seed()) {}

issued_key cancel_service::issue(const cancel_target& target, std::uint32_t protocol) {
    if (protocol >= wire::protocol_3_2) {
        auto sealed = seal_cancel_key(*secrets_, target.endpoint->cluster, target);
        if (sealed) {
            return {.key = *std::move(sealed), .entry = {}};
        }
    }
    return issue_short(target);
}

/// Empty when other sessions with the same process id, which are at other servers, have every nonce
/// that was tried.
issued_key cancel_service::issue_short(const cancel_target& target) {
    const auto process_id = target.backend_key.substr(0, process_id_size);
    for (int tries = 0; tries < max_tries; ++tries) {
        auto key = make_short_key(*secrets_, process_id, random_number() & max_short_key_nonce);
        auto entry = registry_.add(key, target);
        if (entry) {
            return {.key = std::move(key), .entry = std::move(entry)};
        }
    }
    return {};
}

registered_key cancel_service::replace_key(
    cancel_target target, std::uint32_t protocol, std::string& server_output
) {
    auto parts = wire::split_at_backend_key(server_output);
    server_output = std::move(parts.before);
    if (parts.key.empty()) {
        return {};
    }
    target.backend_key = std::move(parts.key);
    auto issued = issue(target, protocol);
    if (!issued.key.empty()) {
        server_output += wire::backend_key_data(issued.key);
    }
    server_output += parts.after;
    return std::move(issued.entry);
}

bool cancel_service::admit(const ip_address& client) {
    const auto network = source_network_of(client);
    const std::lock_guard lock(mutex_);
    return rate_.admit(network, clock::now());
}

cancel_lookup
cancel_service::look_up(const std::string& key, bool from_peer, const cluster_map& clusters) const {
    if (auto registered = registry_.find(key)) {
        return *std::move(registered);
    }
    const key_scope scope{
        .may_try_peers = !from_peer && !settings_.peers.empty(),
        .has_server_keys = settings_.has_server_keys,
    };
    const auto find = [this, &clusters](std::string_view name) -> const backend_endpoint* {
        const auto found = clusters.find(name);
        const bool is_of_use = found != clusters.end() && may_have_sessions(*found->second);
        return is_of_use ? &found->second->settings.endpoint : nullptr;
    };
    return locate_key(*secrets_, key, scope, find);
}

/// A sleeping cluster has no session to cancel, so nothing connects to its server. With replicas it
/// may have sessions of theirs, which neither these counters nor this proxy's gate know of.
bool cancel_service::may_have_sessions(const cluster& named) const {
    const auto traffic = named.traffic.sum();
    return settings_.secrets != nullptr || traffic.busy + traffic.idle > 0;
}

std::optional<load_guard> cancel_service::begin_peer_request() {
    load_guard share(peer_requests_);
    return *peer_requests_ <= max_peer_requests ? std::optional(std::move(share)) : std::nullopt;
}

void cancel_service::count(std::string_view outcome, std::string_view reason) const {
    if (count_) {
        count_(outcome, reason);
    }
}

} // namespace wakegate::proxy
