#pragma once

#include "common/cidr.hpp"
#include "common/clock.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace wakegate::proxy {

/// How many cancels of one network are forwarded to the peers, of those whose keys this replica
/// neither knows nor can verify.
struct cancel_rate_settings {
    std::uint32_t burst = 200;     ///< at once
    std::uint32_t per_second = 50; ///< after a burst; above 0
    std::size_t slots = 8192;      ///< of 16 bytes; above 0
};

/// Limits such cancels per /24 and /64, in fixed memory: each network has two slots, which others
/// share, and is admitted when either has room, so that only two busy neighbours cause a wrong
/// refusal. `seed` is random in each process and decides which networks share slots, so an attacker
/// can't choose a victim. Lives on one thread.
///
/// A slot is a leaky bucket kept as one time, the one at which it would be empty (GCRA: ITU-T
/// I.371, annex A).
class cancel_rate {
public:
    cancel_rate(const cancel_rate_settings& settings, std::uint64_t seed);

    /// False: drop it. `now` never goes back.
    [[nodiscard]] bool admit(const source_network& source, time_point now) noexcept;

private:
    struct row {
        std::uint64_t seed = 0;
        std::vector<time_point> empty_at = {};
    };

    duration interval_;
    duration depth_;
    std::array<row, 2> rows_;
};

} // namespace wakegate::proxy
