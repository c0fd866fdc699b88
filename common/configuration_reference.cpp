#include "common/configuration_reference.hpp"

#include "common/units.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <string_view>
#include <vector>

namespace wakegate {
namespace {

constexpr std::size_t text_column = 33;
constexpr std::size_t width = 100;

std::string_view placeholder(value_type type) noexcept {
    switch (type) {
    case value_type::number:
        return "NUMBER";
    case value_type::period:
        return "DURATION";
    case value_type::path:
        return "FILE";
    case value_type::address:
    case value_type::addresses:
    case value_type::listen_address:
        return "HOST:PORT";
    default:
        return "TEXT";
    }
}

bool is_list(value_type type) noexcept {
    return type == value_type::mappings || type == value_type::texts ||
           type == value_type::addresses;
}

bool is_address(value_type type) noexcept {
    return type == value_type::address || type == value_type::listen_address;
}

bool is_mapping(value_type type) noexcept {
    return type == value_type::mapping || type == value_type::mappings ||
           type == value_type::named_mappings;
}

/// The text after the key's colon in the outline.
std::string outline_value(const configuration_key& key) {
    const bool is_required = key.default_value == required;
    if (is_mapping(key.type) && key.type != value_type::mappings) {
        return {};
    }
    if (!key.default_value.empty() && !is_required) {
        return std::string(key.default_value);
    }
    if (is_required && !key.choices.empty()) {
        return "CHOICE";
    }
    if (is_required && key.type != value_type::mappings) {
        return value_form(key);
    }
    return is_list(key.type) ? "[]" : "(none)";
}

/// The key's text, after what `outline_value` does not show: "required", choices, the value's form.
std::string outline_text(const configuration_key& key) {
    std::vector<std::string> parts;
    const bool is_required = key.default_value == required;
    if (is_required) {
        parts.emplace_back(required);
    }
    if (!key.choices.empty()) {
        parts.emplace_back(key.choices);
    }
    const bool tells_value = key.default_value.empty() || key.default_value.front() == '(' ||
                             is_list(key.type) || is_address(key.type);
    const bool is_obvious = is_required || !key.choices.empty() || is_mapping(key.type) ||
                            key.type == value_type::number || key.type == value_type::period;
    if (tells_value && !is_obvious) {
        parts.push_back(value_form(key));
    }
    if (!key.text.empty()) {
        parts.emplace_back(key.text);
    }
    return fmt::format("{}", fmt::join(parts, "; "));
}

/// Lines of words, none longer than `columns`.
std::vector<std::string> wrap(std::string_view text, std::size_t columns) {
    std::vector<std::string> lines;
    while (!text.empty()) {
        auto end = text.size();
        if (end > columns) {
            end = text.rfind(' ', columns);
            end = end == std::string_view::npos ? text.find(' ') : end;
            end = std::min(end, text.size());
        }
        lines.emplace_back(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return lines;
}

/// A key's column in the outline: two for each level, and two for a list's dash.
std::size_t indentation_of(std::string_view path) {
    std::size_t levels = 0;
    for (std::size_t i = 0; i < path.size(); ++i) {
        levels += path[i] == '.' || path[i] == '[' ? 1U : 0U;
    }
    return 2 * levels;
}

std::string_view parent_of(std::string_view path) {
    const auto dot = path.rfind('.');
    return dot == std::string_view::npos ? std::string_view() : path.substr(0, dot);
}

std::string label_of(const configuration_key& key, bool begins_list_entry) {
    auto indentation = std::string(indentation_of(key.path), ' ');
    if (begins_list_entry) {
        indentation[indentation.size() - 2] = '-';
    }
    const auto name = key.path.substr(key.path.rfind('.') + 1);
    const auto value = outline_value(key);
    return fmt::format("{}{}:{}{}", indentation, name, value.empty() ? "" : " ", value);
}

} // namespace

std::string value_form(const configuration_key& key) {
    if (is_mapping(key.type)) {
        return {};
    }
    if (!key.choices.empty()) {
        return std::string(key.choices);
    }
    if (key.type == value_type::named_texts) {
        return "{NAME: TEXT}";
    }
    const bool has_name = !key.unit.empty() && key.type != value_type::number;
    const auto form = has_name ? key.unit : placeholder(key.type);
    return is_list(key.type) ? fmt::format("[{}]", form) : std::string(form);
}

std::string value_bounds(const configuration_key& key) {
    if (key.type == value_type::number) {
        return fmt::format("{} to {}", key.lowest, key.highest);
    }
    if (key.type == value_type::period && key.lowest > 0) {
        return "at least " + format_duration(milliseconds(key.lowest));
    }
    return {};
}

std::string format_reference(std::span<const configuration_key> keys) {
    std::string outline;
    std::string_view parent;
    for (const auto& key : keys) {
        const auto own_parent = parent_of(key.path);
        const auto label = label_of(key, own_parent.ends_with("[]") && own_parent != parent);
        parent = own_parent;
        const auto lines = wrap(outline_text(key), width - text_column);
        const bool fits = label.size() < text_column;
        outline += lines.empty() || !fits ? label + "\n" : "";
        for (std::size_t i = 0; i < lines.size(); ++i) {
            const std::string_view in_front = i == 0 && fits ? std::string_view(label) : "";
            outline += fmt::format("{:<{}}{}\n", in_front, text_column, lines[i]);
        }
    }
    return outline;
}

} // namespace wakegate
