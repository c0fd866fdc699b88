#include "scaler/state/known_triggers.hpp"

namespace wakegate::scaler {

void known_triggers::remember(
    const std::string& scaled_object, const trigger& asked, time_point now
) {
    if (asked.cluster.size() > longest_name || scaled_object.size() > longest_name) {
        return;
    }
    const std::pair place(asked.cluster, scaled_object);
    if (entries_.size() >= most && !entries_.contains(place)) {
        forget_old(now);
        if (entries_.size() >= most) {
            return;
        }
    }
    entries_.insert_or_assign(place, entry{.asked = asked, .seen = now});
}

std::vector<trigger> known_triggers::of(const std::string& cluster, time_point now) const {
    std::vector<trigger> found;
    auto at = entries_.lower_bound({cluster, ""});
    for (; at != entries_.end() && at->first.first == cluster; ++at) {
        if (now - at->second.seen < remembered) {
            found.push_back(at->second.asked);
        }
    }
    return found;
}

void known_triggers::forget_old(time_point now) {
    std::erase_if(entries_, [now](const auto& each) {
        return now - each.second.seen >= remembered;
    });
}

} // namespace wakegate::scaler
