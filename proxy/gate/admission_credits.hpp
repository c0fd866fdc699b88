#pragma once

#include <atomic>
#include <cstdint>

namespace wakegate::proxy {

/// How many backend connections may be opened, and how many logins may run at a time.
struct credits {
    std::uint32_t connections = 0;
    std::uint32_t logins = 0;

    friend bool operator==(const credits&, const credits&) = default;
};

/// What a gate grants in advance while its cluster is ready and no client waits, so that a session
/// gets in and out without asking it, which costs two thread switches each time. The gate closes it
/// before it decides anything, and until then counts all granted credits as used.
///
/// Lock-free: both counters and `is_open` share one word. `open` and `close`: control thread only;
/// all else: any thread.
class admission_credits {
public:
    /// The maximum of each.
    static constexpr std::uint32_t max = (1U << 31U) - 1;

    /// Does nothing when there is nothing to grant. Precondition: closed.
    void open(credits granted) noexcept {
        if (granted.connections > 0 && granted.logins > 0) {
            state_.store(is_open | pack(granted), std::memory_order_release);
        }
    }

    /// Those left; none when closed already.
    credits close() noexcept { return unpack(state_.exchange(0)); }

    [[nodiscard]] credits left() const noexcept { return unpack(state_.load()); }

    /// Takes one connection and one login. False: ask the gate.
    [[nodiscard]] bool try_acquire() noexcept {
        auto before = state_.load();
        for (;;) {
            const auto left = unpack(before);
            if (left.connections == 0 || left.logins == 0) {
                return false;
            }
            const auto after = before - pack({.connections = 1, .logins = 1});
            if (state_.compare_exchange_weak(before, after)) {
                return true;
            }
        }
    }

    /// Returns credits acquired here, or from the gate. False: give them to the gate.
    [[nodiscard]] bool release(credits released) noexcept {
        auto before = state_.load();
        while ((before & is_open) != 0) {
            if (state_.compare_exchange_weak(before, before + pack(released))) {
                return true;
            }
        }
        return false;
    }

private:
    static constexpr std::uint64_t is_open = std::uint64_t{1} << 63U;

    [[nodiscard]] static constexpr std::uint64_t pack(credits unpacked) noexcept {
        return std::uint64_t{unpacked.connections} << 31U | unpacked.logins;
    }

    [[nodiscard]] static constexpr credits unpack(std::uint64_t packed) noexcept {
        return {
            .connections = static_cast<std::uint32_t>(packed >> 31U) & max,
            .logins = static_cast<std::uint32_t>(packed) & max,
        };
    }

    std::atomic<std::uint64_t> state_{0};
};

} // namespace wakegate::proxy
