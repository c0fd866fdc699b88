#include "scaler/state/reminders.hpp"

namespace wakegate::scaler {

std::vector<std::string>
reminders::due(const std::set<std::string, std::less<>>& wrong, time_point now) {
    std::erase_if(episodes_, [&](const auto& each) { return !wrong.contains(each.first); });
    std::vector<std::string> names;
    for (const auto& name : wrong) {
        auto& lasting =
            episodes_.try_emplace(name, episode{.began = now, .told = {}}).first->second;
        const bool is_due =
            lasting.told ? now - *lasting.told >= pause : now - lasting.began >= patience_;
        if (is_due) {
            lasting.told = now;
            names.push_back(name);
        }
    }
    return names;
}

bool reminders::is_told(std::string_view name) const {
    const auto found = episodes_.find(name);
    return found != episodes_.end() && found->second.told.has_value();
}

} // namespace wakegate::scaler
