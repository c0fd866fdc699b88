#include "scaler/actuator/retry_delay.hpp"

#include <algorithm>
#include <utility>

namespace wakegate::actuator {

retry_delay::retry_delay(milliseconds first, milliseconds highest) noexcept
    : first_(std::min(first, highest)), highest_(highest), upcoming_(first_) {}

milliseconds retry_delay::next() noexcept {
    return std::exchange(upcoming_, std::min(upcoming_ * 2, highest_));
}

void retry_delay::reset() noexcept {
    upcoming_ = first_;
}

} // namespace wakegate::actuator
