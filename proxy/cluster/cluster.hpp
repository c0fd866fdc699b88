#pragma once

#include "common/host_port.hpp"
#include "proxy/backend/endpoint.hpp"
#include "proxy/cluster/cluster_settings.hpp"
#include "proxy/cluster/connection_limits.hpp"
#include "proxy/gate/cluster_traffic.hpp"
#include "proxy/gate/gate_service.hpp"
#include "proxy/net/async_semaphore.hpp"
#include "proxy/verifiers/verifier_refresher.hpp"

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace wakegate::proxy {

/// What sessions need of a cluster. Outlives every session.
struct cluster {
    static constexpr std::size_t max_cancels = 64;
    static constexpr std::size_t max_waiting_cancels = 4'096;

    cluster_settings settings;
    cluster_traffic traffic;
    std::unique_ptr<gate_service> gate;
    std::unique_ptr<verifier_refresher> verifiers = {}; ///< null without `settings.roles`
    cluster_limits limits = cluster_limits(settings.max_clients, settings.max_clients_per_role);
    /// CancelRequests to its servers, each of which costs a process. Others wait.
    async_semaphore cancel_slots = async_semaphore(max_cancels, max_waiting_cancels);
    /// One for each backend in its routes, complete before the first session.
    std::vector<backend_endpoint> endpoints = {};

    /// The one with that backend; null when no route has it.
    [[nodiscard]] const backend_endpoint* endpoint_for(const host_port& backend) const;
};

using cluster_map = std::map<std::string, std::unique_ptr<cluster>, std::less<>>;

} // namespace wakegate::proxy
