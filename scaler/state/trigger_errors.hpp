#pragma once

#include "common/clock.hpp"

#include <cstddef>
#include <map>
#include <set>
#include <string>
#include <utility>

namespace wakegate::scaler {

/// Limits logs and metric labels of refused triggers: KEDA repeats its calls, and any client may
/// invent names. ScaledObjects are named "namespace/name". No clock: `now`
/// comes in. One thread.
class trigger_errors {
public:
    static constexpr milliseconds interval{60'000};
    /// Errors within one interval; more are not logged until some have expired.
    static constexpr std::size_t max_errors = 1'000;
    /// With a label of their own; all others are "other".
    static constexpr std::size_t max_objects = 1'000;

    /// Whether to log it: each error of each object at once, then once a minute at most.
    [[nodiscard]] bool
    is_due(const std::string& scaled_object, const std::string& error, time_point now);

    /// The object in a metric's label.
    [[nodiscard]] std::string label_of(const std::string& scaled_object);

private:
    std::map<std::pair<std::string, std::string>, time_point> logged_; ///< by object and error
    std::set<std::string> labels_;
};

} // namespace wakegate::scaler
