#include "common/warning_schedule.hpp"

namespace wakegate {

bool warning_schedule::is_due(const std::string& name, time_point now) {
    const fault first_seen{.next_warning = now + delay_};
    auto& current = faults_.try_emplace(name, first_seen).first->second;
    if (now < current.next_warning) {
        return false;
    }
    current = {.next_warning = now + interval, .warned = true};
    return true;
}

std::vector<std::string>
warning_schedule::due(const std::set<std::string, std::less<>>& faults, time_point now) {
    std::erase_if(faults_, [&faults](const auto& each) { return !faults.contains(each.first); });
    std::vector<std::string> names;
    for (const auto& name : faults) {
        if (is_due(name, now)) {
            names.push_back(name);
        }
    }
    return names;
}

bool warning_schedule::was_warned(std::string_view name) const {
    const auto found = faults_.find(name);
    return found != faults_.end() && found->second.warned;
}

} // namespace wakegate
