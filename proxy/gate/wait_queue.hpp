#pragma once

#include "common/clock.hpp"
#include "proxy/gate/connection_limit.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

namespace wakegate::proxy {

/// Names one client at one gate while it waits there or has a backend session. Tickets grow in
/// order of arrival, which is the order of service.
using ticket = std::uint64_t;

/// The proxy-wide limit of waiting clients, shared by all its gates. One thread.
struct global_queue_limit {
    std::size_t max_waiting = 10'000;
    std::size_t waiting = 0;

    [[nodiscard]] bool is_full() const noexcept { return waiting >= max_waiting; }
};

/// The clients that wait at one gate, each until its deadline, in the order of their tickets. One
/// thread.
class wait_queue {
public:
    explicit wait_queue(global_queue_limit& limit) noexcept : limit_(limit) {}

    wait_queue(const wait_queue&) = delete;
    wait_queue& operator=(const wait_queue&) = delete;

    ~wait_queue() { limit_.waiting -= waiting_.size(); }

    void add(ticket id, time_point deadline, connection_kind kind);
    /// Precondition: it waits.
    void remove(ticket id);

    [[nodiscard]] bool contains(ticket id) const { return waiting_.contains(id); }

    [[nodiscard]] connection_kind kind_of(ticket id) const {
        return reserved_.contains(id) ? connection_kind::reserved : connection_kind::ordinary;
    }

    [[nodiscard]] bool empty() const noexcept { return waiting_.empty(); }

    [[nodiscard]] std::size_t size() const noexcept { return waiting_.size(); }

    /// The first client that may use connections of this kind.
    [[nodiscard]] std::optional<ticket> first(connection_kind kind) const;
    /// One past its deadline.
    [[nodiscard]] std::optional<ticket> overdue(time_point now) const;
    /// `time_point::max()` when none waits.
    [[nodiscard]] time_point next_deadline() const noexcept;
    [[nodiscard]] std::vector<ticket> tickets() const;

private:
    global_queue_limit& limit_;
    std::map<ticket, time_point> waiting_; ///< with deadlines
    std::set<std::pair<time_point, ticket>> deadlines_;
    std::set<ticket> reserved_; ///< those of `connection_kind::reserved`
};

} // namespace wakegate::proxy
