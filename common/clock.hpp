#pragma once

#include <chrono>

namespace wakegate {

/// The only clock of the project: monotonic, so that a corrected wall clock never wakes, expires or
/// keeps anything. State machines take `time_point` as an argument and never ask for it.
using clock = std::chrono::steady_clock;
using time_point = clock::time_point;
using duration = clock::duration;

using std::chrono::milliseconds;
using std::chrono::seconds;

} // namespace wakegate
