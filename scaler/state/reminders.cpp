#include "scaler/state/reminders.hpp"

namespace wakegate::scaler {

std::vector<std::string>
reminders::due(const std::set<std::string, std::less<>>& faults, time_point now) {
    std::erase_if(episodes_, [&](const auto& each) { return !faults.contains(each.first); });
    std::vector<std::string> names;
    for (const auto& name : faults) {
        auto& current =
            episodes_.try_emplace(name, episode{.began_at = now, .warned_at = {}}).first->second;
        const bool is_due = current.warned_at ? now - *current.warned_at >= pause
                                              : now - current.began_at >= patience_;
        if (is_due) {
            current.warned_at = now;
            names.push_back(name);
        }
    }
    return names;
}

bool reminders::was_warned(std::string_view name) const {
    const auto found = episodes_.find(name);
    return found != episodes_.end() && found->second.warned_at.has_value();
}

} // namespace wakegate::scaler
