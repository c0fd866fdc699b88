#pragma once

#include "common/cidr.hpp"
#include "proxy/net/async_semaphore.hpp"
#include "proxy/net/concurrency_limit.hpp"
#include "proxy/session/limit_error.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace wakegate::proxy {

/// What a session takes of bounded goods, from its accept to its end. Any thread.
struct quota_guards {
    concurrency_limit<source_host>::place of_source;
    concurrency_limit<no_key>::place of_cluster;
    concurrency_limit<std::string>::place of_role;

    [[nodiscard]] bool taken() const noexcept {
        return of_source.taken() || of_cluster.taken() || of_role.taken();
    }
};

/// Bounds on clients of whom nothing is known but where they come from. Any thread; outlives every
/// session.
class per_source_limit {
public:
    /// Of those who are refused before they have said what they want, so many at one time are told
    /// why: to tell them takes a greeting, perhaps with a TLS handshake.
    static constexpr std::size_t max_rejections = 64;
    /// So many more wait for their turn, since some may want a query cancelled, and such come in
    /// crowds; the rest are hung up on.
    static constexpr std::size_t most_waiting = 1'024;

    explicit per_source_limit(
        std::optional<std::size_t> per_source = std::nullopt, std::size_t waiting = most_waiting
    )
        : sources_(per_source), last_words_(max_rejections, waiting) {}

    /// Takes a place for the source, or says why there is none.
    [[nodiscard]] limit_result enter(const ip_address& source, quota_guards& places);

    /// For those who were refused: a slot is the right to be told.
    [[nodiscard]] async_semaphore& rejection_slots() noexcept { return last_words_; }

    /// Those who are being told, or wait for it; they are no clients.
    [[nodiscard]] std::size_t rejections() const { return last_words_.users(); }

private:
    concurrency_limit<source_host> sources_;
    async_semaphore last_words_;
};

/// Bounds on a cluster's clients, held and relayed ones alike. Any thread; outlives every session.
class cluster_limits {
public:
    explicit cluster_limits(
        std::optional<std::size_t> most = std::nullopt,
        std::optional<std::size_t> per_role = std::nullopt
    )
        : all_(most), roles_(per_role) {}

    /// Takes a place in the cluster and one for the role, or says which of them there is not. An
    /// empty role is one that nobody knows, of a client whose TLS is the server's.
    [[nodiscard]] limit_result
    enter(std::string_view cluster, std::string_view role, quota_guards& places);

private:
    concurrency_limit<no_key> all_;
    concurrency_limit<std::string> roles_;
};

} // namespace wakegate::proxy
