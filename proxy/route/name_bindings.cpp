#include "proxy/route/name_bindings.hpp"

#include <algorithm>
#include <cassert>

namespace wakegate::proxy {
namespace {

bool is_letter_or_digit(char byte) noexcept {
    return (byte >= 'a' && byte <= 'z') || (byte >= '0' && byte <= '9');
}

} // namespace

std::string to_lower(std::string_view text) {
    std::string lower(text);
    for (auto& byte : lower) {
        if (byte >= 'A' && byte <= 'Z') {
            byte = static_cast<char>(byte - 'A' + 'a');
        }
    }
    return lower;
}

std::string name_bindings::value_from(std::string_view text) {
    if (text.empty() || text.size() > max_value_size) {
        return {};
    }
    auto value = to_lower(text);
    const bool has_ends = is_letter_or_digit(value.front()) && is_letter_or_digit(value.back());
    const bool is_label = std::all_of(value.begin(), value.end(), [](char byte) {
        return is_letter_or_digit(byte) || byte == '-';
    });
    return has_ends && is_label ? value : std::string();
}

bool name_bindings::bind(std::string_view name, std::string_view value) {
    assert(!value.empty() && value == value_from(value));
    if (const auto* const bound = find(name)) {
        return *bound == value;
    }
    values_.emplace_back(name, value);
    return true;
}

const std::string* name_bindings::find(std::string_view name) const noexcept {
    const auto found = std::find_if(values_.begin(), values_.end(), [&](const auto& entry) {
        return entry.first == name;
    });
    return found == values_.end() ? nullptr : &found->second;
}

} // namespace wakegate::proxy
