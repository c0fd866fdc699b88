#pragma once

#include "common/clock.hpp"
#include "scaler/actuator/call_error.hpp"
#include "scaler/actuator/repeated_failure.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace wakegate::actuator {

/// How the last poll of a scaled object went, or, before the first one, the last GetMetricSpec.
struct poll_result {
    time_point when;
    bool active = false;
    std::optional<call_error> error; ///< nullopt: the scaler answered
};

/// Keeps the result of one object's last poll, and logs failures as warnings: once, then every
/// minute with a count (`debug` in between). One thread.
class poll_report {
public:
    explicit poll_report(std::string scaled_object);

    void record_answer(bool active, time_point now);
    /// `event` is the log's: "poll_failed" or "reconcile_failed".
    void record_failure(std::string_view event, const call_error& error, time_point now);

    [[nodiscard]] const std::optional<poll_result>& last() const noexcept { return last_; }

    [[nodiscard]] bool last_failed() const noexcept { return last_ && last_->error; }

private:
    std::string scaled_object_;
    repeated_failure failures_;
    std::optional<poll_result> last_;
};

} // namespace wakegate::actuator
