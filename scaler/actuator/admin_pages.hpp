#pragma once

#include "common/admin_http.hpp"
#include "scaler/actuator/metrics.hpp"
#include "scaler/actuator/scaled_object.hpp"

#include <memory>
#include <string>
#include <vector>

namespace wakegate::actuator {

struct named_object {
    std::string name;
    std::unique_ptr<scaled_object> object;
};

using scaled_objects = std::vector<named_object>;

/// /metrics, /healthz, /readyz, /status (text) and /status.json. All arguments outlive the pages,
/// which run on the objects' thread. Ready: the last poll of every object was answered and its push
/// stream is connected, and `stopping` is false; otherwise /readyz has a line with the reason for
/// each object.
[[nodiscard]] admin_http::pages
admin_pages(const metrics& registry, const scaled_objects& objects, const bool& stopping);

} // namespace wakegate::actuator
