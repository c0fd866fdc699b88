#include "scaler/state/known_triggers.hpp"

namespace wakegate::scaler {

void known_triggers::remember(
    const std::string& scaled_object, const trigger_spec& trigger, time_point now
) {
    if (trigger.cluster.size() > max_name_length || scaled_object.size() > max_name_length) {
        return;
    }
    const std::pair key(trigger.cluster, scaled_object);
    if (entries_.size() >= max_triggers && !entries_.contains(key)) {
        forget_old(now);
        if (entries_.size() >= max_triggers) {
            return;
        }
    }
    auto& entry = entries_[key];
    entry.scaled_object = scaled_object;
    entry.trigger = trigger;
    entry.last_call = now;
}

void known_triggers::record_poll(
    const std::string& scaled_object,
    const std::string& cluster,
    scaler_answer answer,
    time_point now
) {
    if (auto* entry = find(scaled_object, cluster)) {
        entry->last_poll = now;
        if (answer == scaler_answer::active) {
            entry->last_active_answer = now;
        }
    }
}

void known_triggers::record_push(
    const std::string& scaled_object, const std::string& cluster, time_point now
) {
    if (auto* entry = find(scaled_object, cluster)) {
        entry->last_active_answer = now;
    }
}

std::vector<known_trigger>
known_triggers::for_cluster(const std::string& cluster, time_point now) const {
    std::vector<known_trigger> found;
    auto at = entries_.lower_bound({cluster, ""});
    for (; at != entries_.end() && at->first.first == cluster; ++at) {
        if (now - at->second.last_call < remembered) {
            found.push_back(at->second);
        }
    }
    return found;
}

std::set<std::string, std::less<>> known_triggers::clusters(time_point now) const {
    std::set<std::string, std::less<>> names;
    for (const auto& [key, entry] : entries_) {
        if (now - entry.last_call < remembered) {
            names.insert(key.first);
        }
    }
    return names;
}

known_trigger* known_triggers::find(const std::string& scaled_object, const std::string& cluster) {
    const auto found = entries_.find({cluster, scaled_object});
    return found == entries_.end() ? nullptr : &found->second;
}

void known_triggers::forget_old(time_point now) {
    std::erase_if(entries_, [now](const auto& each) {
        return now - each.second.last_call >= remembered;
    });
}

} // namespace wakegate::scaler
