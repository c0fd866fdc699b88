#pragma once

#include "common/yaml_map.hpp"
#include "scaler/actuator/settings.hpp"

namespace wakegate::actuator {

/// Reads a scaled object's `metadata`. The scaler checks it at every poll; what it would refuse is
/// refused here already, with its place in the file. `keepAwake` and `timezone` are left to the
/// scaler. Throws `configuration_error`.
[[nodiscard]] trigger_metadata read_trigger_metadata(const yaml_map& metadata);

/// What the scaler gets: the file's metadata, and `cooldownPeriod` and `pollingInterval` of the
/// object, so that it can tell when its cluster may sleep. KEDA does not send those.
[[nodiscard]] trigger_metadata metadata_to_send(const scaled_object_settings& object);

} // namespace wakegate::actuator
