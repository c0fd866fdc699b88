#pragma once

#include "common/clock.hpp"
#include "common/configuration_warning.hpp"
#include "common/host_port.hpp"
#include "common/log.hpp"
#include "common/tcp_timeouts.hpp"
#include "proxy/cancel/cancel_settings.hpp"
#include "proxy/cluster/cluster_settings.hpp"
#include "proxy/gate/gate.hpp"
#include "proxy/libpq/probe.hpp"
#include "proxy/route/role_map.hpp"
#include "proxy/route/router.hpp"
#include "proxy/session/proxy_protocol_policy.hpp"
#include "proxy/tls/backend_settings.hpp"
#include "proxy/tls/listener_settings.hpp"
#include "proxy/verifiers/verifier_refresher.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace wakegate {
class yaml_map;
}

namespace wakegate::proxy {

struct listener_config {
    std::string name;
    host_port address;
    tls::listener_settings tls = {};
    bool broadcast_cancels = false;           ///< with mode: passthrough
    std::vector<role_rule> client_roles = {}; ///< by the names in clients' certificates
    proxy_protocol_policy proxy_protocol = {};
    tcp_timeouts tcp = {}; ///< of its clients' connections
};

struct cluster_config {
    cluster_settings settings;
    gate_settings gate;
    probe_settings probe;
    tls::backend_settings backend_tls;
    std::optional<verifier_settings> verifiers; ///< only `auth: scram`
};

/// All of proxy.yaml, checked: every route names a cluster and a listener that exist.
struct proxy_config {
    std::string name; ///< of this proxy, in logs
    std::vector<listener_config> listeners;
    std::vector<host_port> scalers;
    std::optional<host_port> admin;
    log::format log_format = log::format::text;
    log::level log_level = log::level::info;
    std::size_t threads = 1;
    /// Absent: as many as the limit of open files allows.
    std::optional<std::size_t> max_clients;
    std::optional<std::size_t> max_clients_per_source; ///< absent: no limit
    std::size_t max_waiting = 10'000;
    milliseconds startup_timeout{10'000};
    milliseconds authentication_timeout{10'000};
    milliseconds tls_timeout{10'000};
    milliseconds drain_timeout{30'000};
    milliseconds lease{15'000};
    std::string verifier_cache; ///< a file; empty: no cluster has auth_query
    std::vector<cluster_config> clusters;
    std::vector<route> routes;
    cancel_settings cancel;
    std::vector<configuration_warning> warnings; ///< for --check and the log
};

/// The shortest one that is set; zero when none is.
[[nodiscard]] milliseconds shortest_user_timeout(const proxy_config& config);

/// Both throw `configuration_error`. They read the files that the configuration names (passwords,
/// certificates), and check that `verifier_cache` is writable; nothing else.
[[nodiscard]] proxy_config load_proxy_config(const std::string& path);
[[nodiscard]] proxy_config read_proxy_config(const yaml_map& node);

} // namespace wakegate::proxy
