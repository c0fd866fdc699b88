#pragma once

#include <cstdint>
#include <string_view>

namespace wakegate::proxy {

/// What a gate knows of its cluster.
enum class cluster_state : std::uint8_t {
    unknown, ///< not probed since the start, or lately: a probe decides what it is
    asleep,  ///< nobody wants in; as far as is known nothing answers
    waking,  ///< somebody wants in, or did within `wake_grace`, and no probe has succeeded
    ready,   ///< the last that was heard was a login's answer
};

/// What a gate reports: its cluster's state, until it drains.
enum class gate_state {
    unknown,
    asleep,
    waking,
    ready,
    draining, ///< the proxy is shutting down: those who wait may still be served, nobody new enters
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
