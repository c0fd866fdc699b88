#pragma once

#include "common/clock.hpp"
#include "scaler/actuator/scale_decision.hpp"

#include <map>
#include <string>
#include <vector>

namespace wakegate::actuator {

using trigger_metadata = std::map<std::string, std::string>;

/// The programs that take the place of a scale subresource. Each is an argv, run without a shell.
struct hook_settings {
    std::vector<std::string> start;
    std::vector<std::string> stop;
    std::vector<std::string> status; ///< empty: the target's own state is never queried
    milliseconds start_timeout{60'000};
    milliseconds stop_timeout{60'000};
    milliseconds status_timeout{30'000};
    milliseconds kill_after{5'000}; ///< from SIGTERM to SIGKILL when a hook overran its timeout
    std::map<std::string, std::string> environment;
};

struct scaled_object_settings {
    std::string name;
    std::string name_space;
    milliseconds polling_interval{30'000};
    scaling_policy policy;
    trigger_metadata metadata; ///< the trigger's, as the file has it
    hook_settings hooks;
};

/// The pauses between attempts, KEDA's where it has them. Tests shorten them.
struct retry_settings {
    milliseconds stream_first{2'000};
    milliseconds stream_highest{60'000};
    milliseconds reconcile_first{5};
    milliseconds reconcile_highest{5'000};
};

} // namespace wakegate::actuator
