#include "proxy/session/cancel_service.hpp"

#include "common/random.hpp"
#include "proxy/cancel/short_key.hpp"
#include "proxy/session/forward_to_peers.hpp"
#include "proxy/wire/authentication_messages.hpp"
#include "proxy/wire/backend_key.hpp"
#include "proxy/wire/bytes.hpp"
#include "proxy/wire/protocol_version.hpp"

#include <utility>

namespace wakegate::proxy {
namespace {

/// Requests on their way to the peers; the rest wait. A hop lasts as long as the owner's server
/// takes to answer, milliseconds, or a second where an address of the peers is a dead one's.
constexpr std::size_t max_hops = 128;
constexpr std::size_t max_waiting_hops = 4'096;

/// Requests of peers: as many as `max_peers` of them may have under way at one time.
constexpr std::size_t max_answering = max_peers * max_hops;

constexpr std::size_t process_id_size = 4;

/// To find a nonce that no other session with that process id has: the first is taken once in a
/// million times.
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

cancel_service::cancel_service(const cancel_settings& settings)
    : settings_(settings),
      secrets_(secrets_of(settings)),
      hop_slots_(max_hops, max_waiting_hops),
      answering_(std::make_shared<load_guard::counter>(0)),
      rate_(settings.rate, random_seed()) {}

issued_key cancel_service::issue(cancel_address whose, std::uint32_t protocol) {
    if (protocol >= wire::protocol_3_2) {
        auto sealed = seal_cancel_key(
            *secrets_,
            {
                .cluster = whose.where->cluster,
                .address = whose.server.address(),
                .port = whose.server.port(),
                .backend_key = whose.backend_key,
            }
        );
        if (sealed) {
            return {.key = *std::move(sealed), .entry = {}};
        }
    }
    return issue_short(whose);
}

/// Empty when every nonce tried is another session's with the same process id, which can only be at
/// another server.
issued_key cancel_service::issue_short(const cancel_address& whose) {
    const auto process_id = whose.backend_key.substr(0, process_id_size);
    for (int tries = 0; tries < max_tries; ++tries) {
        auto key = make_short_key(*secrets_, process_id, random_number() & max_short_key_nonce);
        auto entry = registry_.add(key, whose);
        if (entry) {
            return {.key = std::move(key), .entry = std::move(entry)};
        }
    }
    return {};
}

registered_key cancel_service::replace_key(
    cancel_address whose, std::uint32_t protocol, std::string& server_output
) {
    auto said = wire::split_at_backend_key(server_output);
    server_output = std::move(said.before);
    if (said.key.empty()) {
        return {};
    }
    whose.backend_key = std::move(said.key);
    auto issued = issue(std::move(whose), protocol);
    if (!issued.key.empty()) {
        server_output += wire::backend_key_data(issued.key);
    }
    server_output += said.after;
    return std::move(issued.entry);
}

bool cancel_service::admit(const ip_address& from) {
    const auto network = source_network_of(from);
    const std::lock_guard lock(mutex_);
    return rate_.admit(network, clock::now());
}

cancel_lookup
cancel_service::look_up(const std::string& key, bool from_peer, const cluster_finder& find) const {
    if (auto found = registry_.find(key)) {
        return *std::move(found);
    }
    if (auto target = open_cancel_key(*secrets_, key)) {
        return look_up_sealed(*std::move(target), find);
    }
    const bool is_verified = verify_short_key(*secrets_, key);
    const bool may_be_a_peers = is_verified || settings_.has_server_keys;
    if (from_peer || settings_.peers.empty() || !may_be_a_peers) {
        return drop_cancel{.is_foreign = !is_verified};
    }
    return try_peers{.is_verified = is_verified};
}

/// Not for a cluster that is configured no more.
cancel_lookup
cancel_service::look_up_sealed(cancel_target target, const cluster_finder& find) const {
    const auto* const where = find(target.cluster);
    if (where == nullptr || !may_have_sessions(*where)) {
        return drop_cancel();
    }
    return cancel_address{
        .where = &where->settings.endpoint,
        .server = {target.address, target.port},
        .backend_key = std::move(target.backend_key),
    };
}

/// A cluster that sleeps has no session to cancel, and is not dialled for nothing. But sessions of
/// other replicas do not show here, nor does this one's gate know that their cluster is awake.
bool cancel_service::may_have_sessions(const cluster& where) const {
    const auto here = where.traffic.sum();
    return settings_.secrets != nullptr || here.busy + here.idle > 0;
}

std::optional<load_guard> cancel_service::begin_peer_request() {
    load_guard place(answering_);
    return *answering_ <= max_answering ? std::optional(std::move(place)) : std::nullopt;
}

} // namespace wakegate::proxy
