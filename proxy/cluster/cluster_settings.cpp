#include "proxy/cluster/cluster_settings.hpp"

#include "proxy/route/glob.hpp"

#include <algorithm>

namespace wakegate::proxy {

milliseconds cluster_settings::hold_timeout_for(std::string_view application_name) const {
    for (const auto& candidate : hold_timeouts) {
        if (matches(candidate.application_name, application_name)) {
            return candidate.hold_timeout;
        }
    }
    return hold_timeout;
}

connection_kind cluster_settings::connection_for(std::string_view role) const {
    const auto fits = [role](const std::string& pattern) { return matches(pattern, role); };
    return std::any_of(reserved_roles.begin(), reserved_roles.end(), fits)
               ? connection_kind::reserved
               : connection_kind::ordinary;
}

} // namespace wakegate::proxy
