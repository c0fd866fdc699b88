#pragma once

#include <cstddef>
#include <optional>

namespace wakegate::proxy {

/// How many sessions a server takes, by its settings; together: max_connections.
struct server_capacity {
    std::size_t ordinary = 0; ///< for any role
    /// superuser_reserved_connections and, since Postgres 16, reserved_connections.
    std::size_t reserved = 0;
};

/// Which of a cluster's connections a client may use.
enum class connection_kind {
    ordinary,
    reserved, ///< also those kept free of ordinary clients: `reserved_roles`
};

/// How many backend sessions one cluster may have at a time. Pure; one thread.
class connection_limit {
public:
    /// `configured` limits sessions of all kinds, whatever is learned. `headroom` is kept free of
    /// ordinary sessions, below what is learned.
    connection_limit(std::optional<std::size_t> configured, std::size_t headroom) noexcept
        : configured_(configured), headroom_(headroom) {}

    void learn(const server_capacity& capacity) noexcept { learned_ = capacity; }

    /// Total of all kinds up to which this kind may open sessions; absent: no limit.
    [[nodiscard]] std::optional<std::size_t> max(connection_kind kind) const noexcept;

private:
    std::optional<std::size_t> configured_;
    std::size_t headroom_;
    std::optional<server_capacity> learned_;
};

} // namespace wakegate::proxy
