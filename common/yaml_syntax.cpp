#include "common/yaml_syntax.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace wakegate {
namespace {

constexpr std::string_view ends_of_value = " \t,]}#";

/// The value without quotes that begins at `begin`, put in quotes.
std::string in_quotes(std::string_view line, std::size_t begin, std::size_t end) {
    end = std::min(line.find_first_of(ends_of_value, end), line.size());
    return fmt::format("\"{}\"", line.substr(begin, end - begin));
}

bool has_tab_in_front(std::string_view line) {
    return line.substr(0, line.find_first_not_of(" \t")).find('\t') != std::string_view::npos;
}

/// The position of a character that YAML reserves, at the column or right before it.
std::size_t find_reserved(std::string_view line, std::size_t column) {
    constexpr std::string_view reserved = "*&!%@`";
    for (const auto at : {column, column - 1}) {
        if (at < line.size() && reserved.find(line[at]) != std::string_view::npos) {
            return at;
        }
    }
    return std::string_view::npos;
}

/// A value that begins with "{name}" and goes on with other text: YAML takes it for a mapping.
std::string find_braces(std::string_view line) {
    constexpr std::string_view separators = " ,[{-";
    for (auto open = line.find('{'); open != std::string_view::npos;
         open = line.find('{', open + 1)) {
        const auto close = line.find_first_of("{}: ,", open + 1);
        const bool is_name = close != std::string_view::npos && line[close] == '}' &&
                             close > open + 1 && open > 0 &&
                             separators.find(line[open - 1]) != std::string_view::npos;
        if (is_name && close + 1 < line.size() &&
            ends_of_value.find(line[close + 1]) == std::string_view::npos) {
            return in_quotes(line, open, close + 1);
        }
    }
    return {};
}

/// "key:{" or "key:[", which YAML reads as one text.
std::string find_missing_space(std::string_view line) {
    for (const std::string_view opening : {":{", ":["}) {
        const auto colon = line.find(opening);
        if (colon != std::string_view::npos && colon > 0) {
            const auto before = line.find_last_of(" ,{[", colon - 1);
            const auto begin = before == std::string_view::npos ? 0 : before + 1;
            return std::string(line.substr(begin, colon + 1 - begin));
        }
    }
    return {};
}

std::string_view remedy_for(std::string_view complaint) {
    if (complaint.find("flow not found") != std::string_view::npos) {
        return "; close each { with } and each [ with ], and put commas between entries";
    }
    if (complaint.find("end of map not found") != std::string_view::npos) {
        return "; indent the keys of one mapping alike, each with a colon and a space behind it";
    }
    if (complaint.find("illegal map value") != std::string_view::npos) {
        return "; put a text that holds a colon and a space in quotes";
    }
    return "";
}

} // namespace

std::string
describe_syntax_error(std::string_view complaint, std::string_view line, std::size_t column) {
    if (has_tab_in_front(line)) {
        return "a tab in front of the text; YAML is indented with spaces";
    }
    if (const auto at = find_reserved(line, column); at != std::string_view::npos) {
        return fmt::format(
            "a text that begins with {} needs quotes; write {}", line[at], in_quotes(line, at, at)
        );
    }
    if (const auto quoted = find_braces(line); !quoted.empty()) {
        return fmt::format("a text with braces needs quotes; write {}", quoted);
    }
    if (const auto key = find_missing_space(line); !key.empty()) {
        return fmt::format("{}; write a space behind {}", complaint, key);
    }
    return fmt::format("{}{}", complaint, remedy_for(complaint));
}

} // namespace wakegate
