#pragma once

#include "common/clock.hpp"

#include <cstdint>
#include <mutex>
#include <optional>
#include <string_view>

namespace wakegate::proxy {

enum class drop_reason : std::uint8_t {
    unknown_key,   ///< foreign, or its session has ended
    network_limit, ///< unknown here, and its network has had too many of those passed on
    overload,      ///< waited too long for other cancels, or the queue was full
};

/// As logs and metrics spell it.
[[nodiscard]] std::string_view to_string(drop_reason reason) noexcept;

/// Cancels that were dropped although they may have been good.
struct cancel_drop_counts {
    std::uint64_t network_limit = 0;
    std::uint64_t overload = 0;

    friend bool operator==(const cancel_drop_counts&, const cancel_drop_counts&) = default;
};

/// Counts such drops for the log: the first is reported at once, later ones once a minute. Unknown
/// keys are not counted, since nothing is lost with them. Any thread.
class cancel_drops {
public:
    static constexpr auto report_interval = seconds(60);

    void add(drop_reason reason);

    /// What has not been reported yet, when a report is due. `now` never goes back.
    [[nodiscard]] std::optional<cancel_drop_counts> take_report(time_point now);

private:
    std::mutex mutex_;
    cancel_drop_counts unreported_;
    std::optional<time_point> last_report_;
};

} // namespace wakegate::proxy
