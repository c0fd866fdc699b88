#include "proxy/gate/connection_limit.hpp"

#include <algorithm>

namespace wakegate::proxy {

std::optional<std::size_t> connection_limit::max(connection_kind kind) const noexcept {
    if (configured_ || !learned_) {
        return configured_;
    }
    // At least one session, however low the server's limit or high the headroom.
    constexpr std::size_t least = 1;
    const auto [ordinary, reserved] = *learned_;
    if (kind == connection_kind::reserved) {
        return std::max(ordinary + reserved, least);
    }
    return std::max(ordinary - std::min(ordinary, headroom_), least);
}

} // namespace wakegate::proxy
