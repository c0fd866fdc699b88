#pragma once

#include "common/clock.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace wakegate::actuator {

/// Limits how often a failure that repeats is reported: once, then every minute with a count. A new
/// reason is reported at once; reasons that differ only in digits ("silent for 3s") are the same.
class repeated_failure {
public:
    static constexpr seconds period{60};

    /// Counts a failure. The number since the last report, this one included, when a report is due;
    /// else nullopt.
    [[nodiscard]] std::optional<std::uint64_t> record(std::string_view reason, time_point now);

    /// After a success: returns how many failures there were; the next one is reported at once.
    std::uint64_t reset() noexcept;

private:
    std::string reason_; // without its digits
    std::optional<time_point> reported_;
    std::uint64_t unreported_ = 0;
    std::uint64_t total_ = 0;
};

} // namespace wakegate::actuator
