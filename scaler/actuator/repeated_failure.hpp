#pragma once

#include "common/clock.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace wakegate::actuator {

/// What fails again and again for one reason is reported once, and then each minute with a count. A
/// new reason is reported at once; reasons that differ in their numbers only ("silent for 3s") are
/// the same.
class repeated_failure {
public:
    static constexpr seconds period{60};

    /// Counts one. How many there were since the last report, this one included, when it is time
    /// for a report; nullopt: not now.
    [[nodiscard]] std::optional<std::uint64_t> note(std::string_view reason, time_point now);

    /// It works again. How many failures there were; the next one is reported at once.
    std::uint64_t end() noexcept;

private:
    std::string reason_; // without its digits
    std::optional<time_point> reported_;
    std::uint64_t unreported_ = 0;
    std::uint64_t all_ = 0;
};

} // namespace wakegate::actuator
