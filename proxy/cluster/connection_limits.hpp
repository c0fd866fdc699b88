#pragma once

#include "common/cidr.hpp"
#include "common/concurrency_limit.hpp"
#include "proxy/cluster/limit_error.hpp"
#include "proxy/net/async_semaphore.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace wakegate::proxy {

/// A session's shares in the limits below, from its accept to its end. Any thread.
struct quota_guards {
    concurrency_limit<source_host>::guard source;
    concurrency_limit<no_key>::guard cluster;
    concurrency_limit<std::string>::guard role;

    [[nodiscard]] bool any_counted() const noexcept {
        return source.is_counted() || cluster.is_counted() || role.is_counted();
    }
};

/// Bounds clients by their address alone. Any thread; outlives every session.
class per_source_limit {
public:
    /// How many clients may be rejected with an error at one time before their startup message:
    /// that takes a handshake, perhaps with TLS.
    static constexpr std::size_t max_rejections = 64;
    /// So many more wait for a slot: some may bring CancelRequests, which come in crowds. All
    /// others are closed without an answer.
    static constexpr std::size_t max_waiting = 1'024;

    explicit per_source_limit(
        std::optional<std::size_t> per_source = std::nullopt, std::size_t waiting = max_waiting
    )
        : sources_(per_source), rejection_slots_(max_rejections, waiting) {}

    [[nodiscard]] limit_result acquire(const ip_address& source, quota_guards& guards);

    /// For rejected clients: a slot lets one read its error.
    [[nodiscard]] async_semaphore& rejection_slots() noexcept { return rejection_slots_; }

    /// Clients being rejected or waiting for a slot. They do not count as clients.
    [[nodiscard]] std::size_t rejections() const { return rejection_slots_.users(); }

private:
    concurrency_limit<source_host> sources_;
    async_semaphore rejection_slots_;
};

/// Bounds a cluster's clients, held and relayed. Any thread; outlives every session.
class cluster_limits {
public:
    explicit cluster_limits(
        std::optional<std::size_t> max_clients = std::nullopt,
        std::optional<std::size_t> per_role = std::nullopt
    )
        : all_(max_clients), roles_(per_role) {}

    /// Takes the cluster's and the role's share, or neither. An empty role has no share: where TLS
    /// passes through the role is unknown.
    [[nodiscard]] limit_result
    acquire(std::string_view cluster, std::string_view role, quota_guards& guards);

private:
    concurrency_limit<no_key> all_;
    concurrency_limit<std::string> roles_;
};

} // namespace wakegate::proxy
