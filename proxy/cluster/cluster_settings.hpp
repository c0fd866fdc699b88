#pragma once

#include "common/clock.hpp"
#include "proxy/auth/role_store.hpp"
#include "proxy/backend/endpoint.hpp"
#include "proxy/gate/connection_limit.hpp"
#include "proxy/route/wake_class.hpp"
#include "proxy/wire/ping_texts.hpp"

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace wakegate::proxy {

/// Per-application override of `hold_timeout`.
struct hold_timeout_override {
    std::string application_name; ///< a pattern, see `matches`
    milliseconds hold_timeout{};
};

/// How one cluster treats sessions. Immutable except what `roles` knows.
struct cluster_settings {
    std::string name;
    backend_endpoint endpoint; ///< unless a route names another backend
    milliseconds hold_timeout{60'000};
    std::vector<hold_timeout_override> hold_timeouts;
    /// The roles for SCRAM at the proxy. Null: `auth: passthrough`, the server decides.
    std::shared_ptr<const auth::role_store> roles;
    milliseconds notice_after{2'000}; ///< then a held client gets a notice; 0: never. `roles` only
    wake_rules wake = wake_rules();   ///< what each client may do
    bool count_idle_sessions = false; ///< `idle_sessions: count`
    bool count_listening_sessions = false;                 ///< `listening_sessions: count`
    wire::ping_texts pings;                                ///< no work, outside transactions
    std::optional<std::size_t> max_clients = std::nullopt; ///< absent: no limit
    std::optional<std::size_t> max_clients_per_role = std::nullopt;

    /// Patterns, see `matches`. With `auth: passthrough` clients choose their role.
    std::vector<std::string> reserved_roles = {};

    [[nodiscard]] milliseconds hold_timeout_for(std::string_view application_name) const;
    [[nodiscard]] connection_kind connection_for(std::string_view role) const;
};

} // namespace wakegate::proxy
