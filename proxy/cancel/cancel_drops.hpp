#pragma once

#include "common/clock.hpp"

#include <cstdint>
#include <mutex>
#include <optional>
#include <string_view>

namespace wakegate::proxy {

enum class drop_reason : std::uint8_t {
    unknown_key,   ///< nobody's: foreign, or its session has ended
    network_limit, ///< unknown here, and its network has sent too many of those for a hop
    overload,      ///< has waited in vain behind other cancels, or there were too many to wait
};

/// As logs and metrics spell it.
[[nodiscard]] std::string_view to_string(drop_reason reason) noexcept;

/// Cancels that were dropped although they may have been good.
struct cancel_drop_counts {
    std::uint64_t network_limit = 0;
    std::uint64_t overload = 0;

    friend bool operator==(const cancel_drop_counts&, const cancel_drop_counts&) = default;
};

/// Counts such drops for the log: the first is told at once, the others once a minute. Unknown keys
/// are not among them, since nothing is lost by those. Any thread.
class cancel_drops {
public:
    static constexpr auto report_interval = seconds(60);

    void add(drop_reason reason);

    /// What has not been told yet, if it is time to. `now` never goes back.
    [[nodiscard]] std::optional<cancel_drop_counts> take_report(time_point now);

private:
    std::mutex mutex_;
    cancel_drop_counts untold_;
    std::optional<time_point> last_report_;
};

} // namespace wakegate::proxy
