#include "scaler/state/trigger_errors.hpp"

namespace wakegate::scaler {

bool trigger_errors::is_due(
    const std::string& scaled_object, const std::string& error, time_point now
) {
    const auto found = logged_.find({scaled_object, error});
    if (found != logged_.end() && now - found->second < interval) {
        return false;
    }
    if (found == logged_.end() && logged_.size() >= max_errors) {
        std::erase_if(logged_, [now](const auto& each) { return now - each.second >= interval; });
        if (logged_.size() >= max_errors) {
            return false;
        }
    }
    logged_.insert_or_assign({scaled_object, error}, now);
    return true;
}

std::string trigger_errors::label_of(const std::string& scaled_object) {
    if (labels_.contains(scaled_object)) {
        return scaled_object;
    }
    if (labels_.size() >= max_objects) {
        return "other";
    }
    return *labels_.insert(scaled_object).first;
}

} // namespace wakegate::scaler
