#include "proxy/wire/ping_statements.hpp"

#include <algorithm>

namespace wakegate::wire {

void ping_statements::learn(std::string_view name) {
    forget(name);
    if (name.size() > max_name_size) {
        return;
    }
    if (names_.size() == max_names) {
        forget(names_.front());
    }
    names_.emplace_back(name);
}

void ping_statements::forget(std::string_view name) noexcept {
    const auto found = std::find(names_.begin(), names_.end(), name);
    if (found == names_.end()) {
        return;
    }
    if (static_cast<std::size_t>(found - names_.begin()) < confirmed_) {
        --confirmed_;
    }
    names_.erase(found);
}

void ping_statements::forget_all() noexcept {
    names_.clear();
    confirmed_ = 0;
}

bool ping_statements::contains(std::string_view name) const noexcept {
    return std::find(names_.begin(), names_.end(), name) != names_.end();
}

} // namespace wakegate::wire
