#include "proxy/gate/gate_state.hpp"

namespace wakegate::proxy {

std::string_view to_string(gate_state state) noexcept {
    switch (state) {
    case gate_state::unknown:
        return "unknown";
    case gate_state::asleep:
        return "asleep";
    case gate_state::waking:
        return "waking";
    case gate_state::ready:
        return "ready";
    case gate_state::draining:
        return "draining";
    }
    return "unknown";
}

} // namespace wakegate::proxy
