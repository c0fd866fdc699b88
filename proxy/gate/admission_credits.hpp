#pragma once

#include <atomic>
#include <cstdint>

namespace wakegate::proxy {

/// Admissions: places for backend sessions, and for as many of them logins that may be under way.
struct credits {
    std::uint32_t places = 0;
    std::uint32_t logins = 0;

    friend bool operator==(const credits&, const credits&) = default;
};

/// What a gate lends out while its cluster is ready and nobody waits, so that a session gets in and
/// out without asking: to ask costs two changes of threads each time. The gate closes it before it
/// decides anything, and then counts with all that was lent.
///
/// `open` and `close` are the control thread's; all else any thread's.
class admission_credits {
public:
    /// Of each at most this many.
    static constexpr std::uint32_t most = (1U << 31U) - 1;

    /// Does nothing when there is nothing to lend. Precondition: closed.
    void open(credits lent) noexcept {
        if (lent.places > 0 && lent.logins > 0) {
            state_.store(is_open | pack(lent), std::memory_order_release);
        }
    }

    /// What is left; nothing when it is closed already.
    credits close() noexcept { return unpack(state_.exchange(0)); }

    [[nodiscard]] credits left() const noexcept { return unpack(state_.load()); }

    /// Takes a place and a login. False: the gate must be asked.
    [[nodiscard]] bool try_acquire() noexcept {
        auto before = state_.load();
        for (;;) {
            const auto left = unpack(before);
            if (left.places == 0 || left.logins == 0) {
                return false;
            }
            const auto after = before - pack({.places = 1, .logins = 1});
            if (state_.compare_exchange_weak(before, after)) {
                return true;
            }
        }
    }

    /// Whoever had it from: here, or from the gate. False: it is the gate that must be told.
    [[nodiscard]] bool release(credits what) noexcept {
        auto before = state_.load();
        while ((before & is_open) != 0) {
            if (state_.compare_exchange_weak(before, before + pack(what))) {
                return true;
            }
        }
        return false;
    }

private:
    static constexpr std::uint64_t is_open = std::uint64_t{1} << 63U;

    [[nodiscard]] static constexpr std::uint64_t pack(credits from) noexcept {
        return std::uint64_t{from.places} << 31U | from.logins;
    }

    [[nodiscard]] static constexpr credits unpack(std::uint64_t from) noexcept {
        return {
            .places = static_cast<std::uint32_t>(from >> 31U) & most,
            .logins = static_cast<std::uint32_t>(from) & most,
        };
    }

    std::atomic<std::uint64_t> state_{0};
};

} // namespace wakegate::proxy
