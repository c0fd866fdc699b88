#pragma once

#include "common/clock.hpp"

#include <algorithm>
#include <cstddef>

namespace wakegate::proxy {

/// The deadline of the next of `addresses` (at least one): an equal share of the time left, since
/// an address that drops packets would otherwise take all of it. The later ones get what it does
/// not need.
[[nodiscard]] inline time_point
per_address_deadline(time_point now, time_point deadline, std::size_t addresses) noexcept {
    const auto left = std::max(deadline - now, duration(0));
    return now + left / static_cast<duration::rep>(addresses);
}

} // namespace wakegate::proxy
