#pragma once

#include "common/clock.hpp"

#include <algorithm>
#include <cstddef>

namespace wakegate::proxy {

/// Until when the next of `addresses` (one at least) may keep its asker waiting, so that those
/// behind it have as long: a name's first address that drops packets would take the time of all.
/// What one does not need is the others'.
[[nodiscard]] inline time_point
per_address_deadline(time_point now, time_point deadline, std::size_t addresses) noexcept {
    const auto left = std::max(deadline - now, duration(0));
    return now + left / static_cast<duration::rep>(addresses);
}

} // namespace wakegate::proxy
