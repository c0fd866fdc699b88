#pragma once

#include "common/clock.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>

namespace wakegate::scaler {

enum class trigger_metric {
    held_and_busy, ///< "held+busy": clients that wait or work
    sessions,      ///< "sessions": idle ones too
};

/// A ScaledObject's trigger, from its metadata.
struct trigger_spec {
    std::string cluster;
    milliseconds activity_window{60'000};
    std::uint32_t sessions_per_replica = 100;
    trigger_metric metric = trigger_metric::held_and_busy;
    /// Copies of the ScaledObject's own fields of these names, which KEDA does not send to scalers.
    std::optional<milliseconds> cooldown_period;
    std::optional<milliseconds> polling_interval;
};

/// Names the key, its value and what is allowed; goes to KEDA as INVALID_ARGUMENT.
struct metadata_error {
    std::string key; ///< a known or a planned key; "unknown" otherwise
    std::string text;
};

using trigger_metadata = std::map<std::string, std::string, std::less<>>;

/// Reads `trigger.metadata` as KEDA sends it: the whole map, KEDA's own keys included
/// (pkg/scalers/external_scaler.go). `default_window` stands in for an absent activityWindow.
[[nodiscard]] std::variant<trigger_spec, metadata_error>
parse_trigger(const trigger_metadata& metadata, milliseconds default_window);

} // namespace wakegate::scaler
