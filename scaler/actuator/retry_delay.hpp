#pragma once

#include "common/clock.hpp"

namespace wakegate::actuator {

/// Doubling pauses between attempts: first, 2·first, 4·first … up to `highest`.
///
/// Streams use KEDA's 2 s → 60 s (pkg/scalers/external_scaler.go, Run): reset only by a stream that
/// the server ended with OK, not by hours of healthy streaming. The first GetMetricSpec uses 5 ms
/// upwards, as the controller's work queue does.
class retry_delay {
public:
    retry_delay(milliseconds first, milliseconds highest) noexcept;

    /// How long to wait now; the next one is twice as long.
    [[nodiscard]] milliseconds next() noexcept;
    void reset() noexcept;

private:
    milliseconds first_;
    milliseconds highest_;
    milliseconds upcoming_;
};

} // namespace wakegate::actuator
