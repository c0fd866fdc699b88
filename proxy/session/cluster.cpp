#include "proxy/session/cluster.hpp"

#include "proxy/route/glob.hpp"

namespace wakegate::proxy {

milliseconds cluster_settings::hold_timeout_for(std::string_view application_name) const {
    for (const auto& candidate : hold_overrides) {
        if (matches(candidate.application_name, application_name)) {
            return candidate.hold_timeout;
        }
    }
    return hold_timeout;
}

} // namespace wakegate::proxy
