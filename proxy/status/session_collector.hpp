#pragma once

#include "common/clock.hpp"
#include "proxy/net/worker.hpp"
#include "proxy/session/held_sessions.hpp"
#include "proxy/status/cluster_groups.hpp"

#include <boost/asio/io_context.hpp>

#include <cstddef>
#include <functional>
#include <memory>
#include <vector>

namespace wakegate::proxy {

/// The sessions that the workers' threads have counted.
struct session_collection {
    group_sums groups;
    std::size_t threads = 0; ///< that were asked
    std::size_t missing = 0; ///< of them: did not answer in time
};

/// Asks each thread that has sessions to count them, without blocking: a thread does it between its
/// other work. A session that moves from its setup thread to its relay meanwhile may be counted
/// twice or not at all. Lives on the control thread and until its context has stopped; the workers
/// and their setup_threads may be gone by then.
class session_collector {
public:
    /// Longer than a worker takes for a hundred thousand sessions.
    static constexpr milliseconds timeout{2'000};

    /// `setup_threads`: of the workers, in their order. All outlive the last call of `collect`.
    session_collector(
        boost::asio::io_context& control,
        const std::vector<std::unique_ptr<worker>>& workers,
        const std::vector<setup_thread_clients>& setup_threads
    )
        : control_(control), workers_(workers), setup_threads_(setup_threads) {}

    /// Calls `on_result` within `limit`, on the control thread in a later turn of its loop. While a
    /// collection is under way, further callers get its result.
    void
    collect(std::function<void(const session_collection&)> on_result, milliseconds limit = timeout);

private:
    class collection;

    boost::asio::io_context& control_;
    const std::vector<std::unique_ptr<worker>>& workers_;
    const std::vector<setup_thread_clients>& setup_threads_;
    std::weak_ptr<collection> under_way_;
};

} // namespace wakegate::proxy
