#include "proxy/session/cluster.hpp"

#include "proxy/route/glob.hpp"

#include <algorithm>

namespace wakegate::proxy {

milliseconds cluster_settings::hold_timeout_for(std::string_view application_name) const {
    for (const auto& candidate : hold_overrides) {
        if (matches(candidate.application_name, application_name)) {
            return candidate.hold_timeout;
        }
    }
    return hold_timeout;
}

const cluster_settings* cluster::door_to(const host_port& backend) const {
    const auto found = std::find_if(doors.begin(), doors.end(), [&backend](const auto& door) {
        return door.backend == backend;
    });
    return found == doors.end() ? nullptr : &*found;
}

} // namespace wakegate::proxy
