#include "proxy/session/cancel_desk.hpp"

#include "proxy/cancel/short_key.hpp"
#include "proxy/session/offer_cancel.hpp"
#include "proxy/session/randomness.hpp"
#include "proxy/wire/authentication_messages.hpp"
#include "proxy/wire/bytes.hpp"
#include "proxy/wire/protocol_version.hpp"
#include "proxy/wire/server_key.hpp"

#include <utility>

namespace wakegate::proxy {
namespace {

/// Requests on their way to the peers; the rest wait. A hop lasts as long as the owner's server
/// takes to answer, milliseconds, or a second where an address of the peers is a dead one's.
constexpr std::size_t max_hops = 128;
constexpr std::size_t max_waiting_hops = 4'096;

/// As many as the most peers there may be have under way at one time.
constexpr std::size_t max_answering = max_peers * max_hops;

std::uint32_t random_number() {
    return wire::load_uint32(random_bytes(sizeof(std::uint32_t)));
}

std::uint64_t random_seed() {
    return std::uint64_t{random_number()} << 32 | random_number();
}

std::shared_ptr<const cancel_secrets> secrets_of(const cancel_settings& settings) {
    if (settings.shared != nullptr) {
        return settings.shared;
    }
    return std::make_shared<const cancel_secrets>(random_bytes(cancel_secrets::min_size));
}

} // namespace

cancel_desk::cancel_desk(const cancel_settings& settings)
    : settings_(settings),
      secrets_(secrets_of(settings)),
      replica_(settings.replica.value_or(random_number() & short_key::max_replica)),
      registry_(random_number() & short_key::max_session),
      hop_slots_(max_hops, max_waiting_hops),
      answering_(std::make_shared<load_share::counter>(0)),
      rate_(settings.rate, random_seed()) {}

issued_key
cancel_desk::issue(const cluster_settings& where, std::string server_key, std::uint32_t protocol) {
    if (protocol >= wire::protocol_3_2) {
        auto sealed =
            seal_cancel_key(*secrets_, {.cluster = where.name, .backend_key = server_key});
        if (sealed) {
            return {.key = *std::move(sealed), .number = {}};
        }
    }
    auto number = registry_.number({.where = &where, .backend_key = std::move(server_key)});
    if (!number) {
        return {};
    }
    auto key = make_short_key(*secrets_, {.replica = replica_, .session = number.value()});
    return {.key = std::move(key), .number = std::move(number)};
}

session_number cancel_desk::replace_key(
    const cluster_settings& where, std::uint32_t protocol, std::string& server_said
) {
    auto said = wire::take_server_key(server_said);
    server_said = std::move(said.before);
    if (said.key.empty()) {
        return {};
    }
    auto issued = issue(where, std::move(said.key), protocol);
    if (!issued.key.empty()) {
        server_said += wire::backend_key_data(issued.key);
    }
    server_said += said.after;
    return std::move(issued.number);
}

bool cancel_desk::admit(const ip_address& from) {
    const auto network = source_network_of(from);
    const std::lock_guard lock(mutex_);
    return rate_.admit(network, clock::now());
}

cancel_verdict
cancel_desk::judge(const std::string& key, bool from_peer, const cluster_finder& find) const {
    if (auto passed_on = registry_.find(key)) {
        return *std::move(passed_on);
    }
    const cancel_question asked{.key = key, .from_replica = from_peer, .our_replica = replica_};
    auto way = find_cancel_way(*secrets_, asked, [&find](std::string_view name) {
        return find(name) != nullptr;
    });
    if (auto* const target = std::get_if<cancel_target>(&way)) {
        const auto& where = *find(target->cluster);
        if (!may_have_sessions(where)) {
            return drop_cancel();
        }
        return cancel_address{&where.settings, std::move(target->backend_key)};
    }
    if (const auto* const session = std::get_if<cancel_session>(&way)) {
        if (auto found = registry_.find(session->number)) {
            return *std::move(found);
        }
    }
    // A number that nobody has here may be a replica's that has drawn the same one as ours.
    const bool may_be_a_peers =
        settings_.has_server_keys || !std::holds_alternative<drop_cancel>(way);
    if (from_peer || settings_.peers.empty() || !may_be_a_peers) {
        return drop_cancel();
    }
    return ask_peers{.is_verified = !std::holds_alternative<drop_cancel>(way)};
}

/// A cluster that sleeps has no session to cancel, and is not dialled for nothing. But sessions of
/// other replicas do not show here, nor does this one's gate know that their cluster is awake.
bool cancel_desk::may_have_sessions(const cluster& where) const {
    const auto here = where.traffic.sum();
    return settings_.shared != nullptr || here.busy + here.idle > 0;
}

std::optional<load_share> cancel_desk::begin_answering() {
    load_share place(answering_);
    return *answering_ <= max_answering ? std::optional(std::move(place)) : std::nullopt;
}

} // namespace wakegate::proxy
