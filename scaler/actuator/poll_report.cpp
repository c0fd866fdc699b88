#include "scaler/actuator/poll_report.hpp"

#include "common/log.hpp"

#include <utility>

namespace wakegate::actuator {

poll_report::poll_report(std::string scaled_object) : scaled_object_(std::move(scaled_object)) {}

void poll_report::record_answer(bool active, time_point now) {
    last_ = poll_result{.when = now, .active = active, .error = std::nullopt};
    const auto failures = failures_.reset();
    if (failures > 0) {
        log::info("poll_answered_again")
            .with("scaled_object", scaled_object_)
            .with("failures", failures);
    }
}

void poll_report::record_failure(std::string_view event, const call_error& error, time_point now) {
    last_ = poll_result{.when = now, .active = false, .error = error};
    const auto reason = describe(error);
    const auto count = failures_.record(reason, now);
    log::event(count ? log::level::warning : log::level::debug, event)
        .with("scaled_object", scaled_object_)
        .with("reason", reason)
        .with("count", count.value_or(1))
        .with("remedy", remedy_for(error, scaled_object_));
}

} // namespace wakegate::actuator
