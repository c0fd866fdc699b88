#include "proxy/cancel/cancel_drops.hpp"

#include <utility>

namespace wakegate::proxy {

std::string_view to_string(drop_reason reason) noexcept {
    switch (reason) {
    case drop_reason::unknown_key:
        return "unknown_key";
    case drop_reason::network_limit:
        return "network_limit";
    case drop_reason::overload:
        return "overload";
    }
    return "";
}

void cancel_drops::add(drop_reason reason) {
    const std::lock_guard lock(mutex_);
    if (reason == drop_reason::network_limit) {
        ++unreported_.network_limit;
    } else if (reason == drop_reason::overload) {
        ++unreported_.overload;
    }
}

std::optional<cancel_drop_counts> cancel_drops::take_report(time_point now) {
    const std::lock_guard lock(mutex_);
    const bool is_due = !last_report_ || now - *last_report_ >= report_interval;
    if (!is_due || unreported_ == cancel_drop_counts()) {
        return std::nullopt;
    }
    last_report_ = now;
    return std::exchange(unreported_, {});
}

} // namespace wakegate::proxy
