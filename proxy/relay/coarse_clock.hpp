#pragma once

#include "common/clock.hpp"

#include <time.h>

namespace wakegate::proxy {

/// Exact to some milliseconds, and read without a system call. The relay reads it once per turn.
inline time_point coarse_now() noexcept {
    timespec value{};
    ::clock_gettime(CLOCK_MONOTONIC_COARSE, &value);
    return time_point(std::chrono::seconds(value.tv_sec) + std::chrono::nanoseconds(value.tv_nsec));
}

} // namespace wakegate::proxy
