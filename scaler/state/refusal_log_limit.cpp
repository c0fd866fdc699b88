#include "scaler/state/refusal_log_limit.hpp"

namespace wakegate::scaler {
namespace {

constexpr std::size_t max_key_length = 256;

bool is_digit(char each) {
    return each >= '0' && each <= '9';
}

bool is_lower(char each) {
    return each >= 'a' && each <= 'z';
}

/// Each number, with the unit that is attached to it, becomes one '#'.
std::string without_numbers(std::string_view reason) {
    std::string text;
    bool in_number = false;
    for (const char each : reason.substr(0, max_key_length)) {
        if (is_digit(each)) {
            if (!in_number) {
                text += '#';
            }
            in_number = true;
        } else if (!in_number || !is_lower(each)) {
            in_number = false;
            text += each;
        }
    }
    return text;
}

} // namespace

std::optional<std::uint64_t>
refusal_log_limit::count(std::string_view cluster, std::string_view reason, time_point now) {
    const std::pair key(std::string(cluster.substr(0, max_key_length)), without_numbers(reason));
    auto found = entries_.find(key);
    if (found != entries_.end()) {
        auto& known = found->second;
        ++known.since;
        if (now - known.logged < interval) {
            return std::nullopt;
        }
        known.logged = now;
        return std::exchange(known.since, 0);
    }
    if (entries_.size() >= max_entries) {
        std::erase_if(entries_, [now](const auto& each) {
            return now - each.second.logged >= interval;
        });
        if (entries_.size() >= max_entries) {
            return std::nullopt;
        }
    }
    entries_.emplace(key, entry{.logged = now});
    return 1;
}

} // namespace wakegate::scaler
