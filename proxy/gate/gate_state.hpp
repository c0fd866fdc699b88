#pragma once

#include <cstdint>
#include <string_view>

namespace wakegate::proxy {

/// What a gate knows of its cluster.
enum class cluster_state : std::uint8_t {
    unknown, ///< not probed since the start, or recently: a probe decides what it is
    asleep,  ///< no client wants in; as far as known nothing answers
    waking,  ///< wanted, now or within `wake_grace`, and no probe has succeeded
    ready,   ///< the last answer was a login's
};

/// What a gate reports: its cluster's state, until it drains.
enum class gate_state {
    unknown,
    asleep,
    waking,
    ready,
    draining, ///< the proxy is shutting down: rejects new clients, may still serve those who wait
};

[[nodiscard]] constexpr gate_state to_gate_state(cluster_state state) noexcept {
    switch (state) {
    case cluster_state::unknown:
        return gate_state::unknown;
    case cluster_state::asleep:
        return gate_state::asleep;
    case cluster_state::waking:
        return gate_state::waking;
    case cluster_state::ready:
        break;
    }
    return gate_state::ready;
}

[[nodiscard]] std::string_view to_string(gate_state state) noexcept;

} // namespace wakegate::proxy
