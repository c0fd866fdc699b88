#include "proxy/session/session_tally.hpp"

namespace wakegate::proxy {

std::string_view to_string(session_activity activity) noexcept {
    switch (activity) {
    case session_activity::held:
        return "held";
    case session_activity::busy:
        return "busy";
    case session_activity::idle:
        return "idle";
    }
    return "unknown";
}

void session_tally::add(
    const client_group_ptr& group, session_activity activity, time_point since
) {
    const session_count session{.count = 1, .since = since};
    const auto found = groups_.find(group.get());
    if (found != groups_.end()) {
        found->second.counts[activity].add(session);
    } else if (groups_.size() < most_groups) {
        groups_.emplace(group.get(), group_count{.group = group, .counts = {}})
            .first->second.counts[activity]
            .add(session);
    } else {
        others_[&group->target][activity].add(session);
    }
}

} // namespace wakegate::proxy
