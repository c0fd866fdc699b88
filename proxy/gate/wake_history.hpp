#pragma once

#include "common/clock.hpp"

#include <array>
#include <atomic>
#include <cstddef>
#include <optional>

namespace wakegate::proxy {

/// How long a cluster's last wakes took, for clients in the next. One writer.
class wake_history {
public:
    void note(duration took) noexcept;

    /// The median of the last few; nothing before the first. Any thread.
    [[nodiscard]] std::optional<duration> typical() const noexcept;

private:
    static constexpr std::size_t remembered = 7;

    std::array<duration, remembered> last_{};
    std::size_t count_ = 0; ///< of all wakes
    std::atomic<duration::rep> typical_{0};
};

} // namespace wakegate::proxy
