#pragma once

#include "scaler/actuator/scaled_object.hpp"

#include <boost/system/result.hpp>

#include <map>
#include <string>
#include <string_view>

namespace wakegate::actuator {

/// By the objects' names.
using object_statuses = std::map<std::string, object_status>;

/// For people: a line for each object; below, errors and the next step.
[[nodiscard]] std::string status_text(const object_statuses& objects, time_point now);

/// The same for programs, one JSON object.
[[nodiscard]] std::string status_json(const object_statuses& objects, time_point now);

/// Why an object can't do its work.
struct unready_error {
    std::string reason;
};

/// Whether this object can do its work.
[[nodiscard]] boost::system::result<void, unready_error> check_ready(const object_status& object);

} // namespace wakegate::actuator
