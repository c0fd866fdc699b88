#pragma once

#include "common/clock.hpp"
#include "common/host_port.hpp"
#include "proxy/auth/role_store.hpp"
#include "proxy/backend/endpoint.hpp"
#include "proxy/gate/cluster_traffic.hpp"
#include "proxy/gate/gate_service.hpp"
#include "proxy/net/async_semaphore.hpp"
#include "proxy/route/wake_class.hpp"
#include "proxy/session/client_limits.hpp"
#include "proxy/verifiers/verifier_refresher.hpp"
#include "proxy/wire/ping_texts.hpp"

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace wakegate::proxy {

/// A shorter patience for clients that give up early anyway.
struct hold_timeout_override {
    std::string application_name; ///< a pattern, see `matches`
    milliseconds hold_timeout{};
};

/// How sessions of one cluster are treated. Immutable but for what `roles` knows.
struct cluster_settings {
    std::string name;
    backend_endpoint endpoint; ///< unless a route names another backend
    milliseconds hold_timeout{60'000};
    std::vector<hold_timeout_override> hold_timeouts;
    /// Who may log in, by SCRAM with the proxy. Null: `auth: passthrough`, the server decides.
    std::shared_ptr<const auth::role_store> roles;
    milliseconds notice_after{2'000}; ///< a held client is told why; 0: never. With `roles` only
    wake_rules wake = wake_rules();   ///< what each client may cost
    bool idle_counts = false;         ///< idle_sessions: count
    bool count_listening_sessions = false; ///< listening_sessions: count
    wire::ping_texts pings;                ///< statements that are no work outside a transaction
    std::optional<std::size_t> max_clients = std::nullopt; ///< absent: without bound
    std::optional<std::size_t> max_clients_per_role = std::nullopt;

    /// Patterns, see `matches`. With `auth: passthrough` a role is what the client claims.
    std::vector<std::string> reserved_roles = {};

    [[nodiscard]] milliseconds hold_timeout_for(std::string_view application_name) const;
    [[nodiscard]] connection_kind connection_for(std::string_view role) const;
};

/// What a session needs of its cluster. Outlives every session.
struct cluster {
    static constexpr std::size_t max_cancels = 64;
    static constexpr std::size_t max_waiting_cancels = 4'096;

    cluster_settings settings;
    cluster_traffic traffic;
    std::unique_ptr<gate_service> gate;
    std::unique_ptr<verifier_refresher> verifiers = {}; ///< null without `settings.roles`
    cluster_limits limits = cluster_limits(settings.max_clients, settings.max_clients_per_role);
    /// CancelRequests on their way to its servers; each costs the server a process. The rest wait.
    async_semaphore cancel_slots = async_semaphore(max_cancels, max_waiting_cancels);
    /// One for each backend that routes name for this cluster, complete before the first session.
    std::vector<backend_endpoint> endpoints = {};

    /// The one with that backend; null when it is no route's.
    [[nodiscard]] const backend_endpoint* endpoint_for(const host_port& backend) const;
};

} // namespace wakegate::proxy
