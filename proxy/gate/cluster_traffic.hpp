#pragma once

#include "common/clock.hpp"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace wakegate::proxy {

/// One worker's share of a cluster's relayed sessions. Only that worker writes it, on a cache line
/// of its own: both of its threads open and close sessions, only its relay sees work. The control
/// thread reads it at any time. All accesses are relaxed: the numbers are for reports and order
/// nothing.
class alignas(64) traffic_counters {
public:
    /// Work after more than this much silence goes to the scaler at once.
    static constexpr milliseconds edge_silence{250};

    /// A relayed session before the end of its login: neither busy nor idle.
    void login_started() noexcept { logins_.fetch_add(1, std::memory_order_relaxed); }

    void login_ended() noexcept { logins_.fetch_sub(1, std::memory_order_relaxed); }

    void session_opened() noexcept { sessions_.fetch_add(1, std::memory_order_relaxed); }

    void session_closed() noexcept { sessions_.fetch_sub(1, std::memory_order_relaxed); }

    /// True when this ends a silence.
    [[nodiscard]] bool became_busy(time_point now) noexcept {
        add(busy_, 1);
        return touch(now) >= edge_silence;
    }

    void became_idle(time_point now) noexcept {
        add(busy_, -1);
        touch(now);
    }

    /// Bytes passed. Returns the silence before.
    duration touch(time_point now) noexcept {
        const auto ticks = now.time_since_epoch().count();
        const auto before = last_activity_.load(std::memory_order_relaxed);
        last_activity_.store(ticks, std::memory_order_relaxed);
        return duration(ticks - before);
    }

    [[nodiscard]] std::uint32_t sessions() const noexcept {
        return sessions_.load(std::memory_order_relaxed);
    }

    [[nodiscard]] std::uint32_t logins() const noexcept {
        return logins_.load(std::memory_order_relaxed);
    }

    [[nodiscard]] std::uint32_t busy() const noexcept {
        return busy_.load(std::memory_order_relaxed);
    }

    /// Empty before any.
    [[nodiscard]] std::optional<time_point> last_activity() const noexcept;

private:
    /// A single writer needs no read-modify-write instruction.
    static void add(std::atomic<std::uint32_t>& counter, int change) noexcept {
        const auto value = counter.load(std::memory_order_relaxed);
        counter.store(value + static_cast<std::uint32_t>(change), std::memory_order_relaxed);
    }

    std::atomic<std::uint32_t> logins_{0};
    std::atomic<std::uint32_t> sessions_{0};
    std::atomic<std::uint32_t> busy_{0};
    std::atomic<duration::rep> last_activity_{0};
};

/// All workers' counters of one cluster. Outlives the sessions and threads that write to it.
class cluster_traffic {
public:
    struct totals {
        std::uint32_t logins = 0; ///< under way
        std::uint32_t busy = 0;
        std::uint32_t idle = 0;
        std::optional<time_point> last_activity;
    };

    explicit cluster_traffic(std::size_t workers) : counters_(workers) {}

    [[nodiscard]] traffic_counters& of_worker(std::size_t index) noexcept {
        return counters_[index];
    }

    /// Any thread.
    [[nodiscard]] totals sum() const noexcept;

private:
    std::vector<traffic_counters> counters_;
};

} // namespace wakegate::proxy
