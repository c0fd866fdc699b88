#pragma once

#include <string_view>

namespace wakegate::proxy {

enum class gate_state {
    unknown,  ///< nobody has looked since the start, or lately: a look decides what it is
    asleep,   ///< nobody wants in; as far as we know nothing answers
    waking,   ///< somebody wants in, or did within `wake_grace`, and nothing has answered a look
    ready,    ///< the last we heard was a login's answer
    draining, ///< the proxy is leaving: whoever waits may still be served, nobody new enters
};

[[nodiscard]] std::string_view to_string(gate_state state) noexcept;

} // namespace wakegate::proxy
