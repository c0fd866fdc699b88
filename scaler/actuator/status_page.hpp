#pragma once

#include "scaler/actuator/scaled_object.hpp"

#include <map>
#include <string>
#include <string_view>

namespace wakegate::actuator {

/// By the objects' names.
using object_statuses = std::map<std::string, object_status>;

/// For people: a line for each object, and below what went wrong and what comes next.
[[nodiscard]] std::string status_text(const object_statuses& objects, time_point now);

/// The same for programs, one JSON object.
[[nodiscard]] std::string status_json(const object_statuses& objects, time_point now);

/// Why this object can't do its work; empty when it can.
[[nodiscard]] std::string unready_reason(const object_status& object);

} // namespace wakegate::actuator
