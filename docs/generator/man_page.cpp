#include "docs/generator/man_page.hpp"

#include "common/configuration_reference.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace wakegate::docs {
namespace {

/// For troff a '-' is a hyphen, a '\' a command, and a '.' or a ''' at a line's start as well.
std::string escape(std::string_view text) {
    std::string escaped = text.starts_with('.') || text.starts_with('\'') ? "\\&" : "";
    for (const char each : text) {
        if (each == '\\') {
            escaped += "\\e";
        } else if (each == '-') {
            escaped += "\\-";
        } else {
            escaped += each;
        }
    }
    return escaped;
}

/// "DURATION, at least 1ms, default 10ms".
std::string facts_of(const configuration_key& key) {
    std::vector<std::string> facts;
    if (const auto form = value_form(key); !form.empty()) {
        facts.push_back(form);
    }
    if (const auto bounds = value_bounds(key); !bounds.empty()) {
        facts.push_back(bounds);
    }
    if (key.default_value == required) {
        facts.emplace_back(required);
    } else if (!key.default_value.empty()) {
        facts.push_back(fmt::format("default {}", key.default_value));
    }
    return fmt::format("{}", fmt::join(facts, ", "));
}

std::string entry_of(const configuration_key& key) {
    auto entry = fmt::format(".TP\n.B {}\n", escape(name_of(key.path)));
    if (const auto facts = facts_of(key); !facts.empty()) {
        entry += escape(facts) + (key.text.empty() ? "\n" : "\n.br\n");
    }
    if (!key.text.empty()) {
        entry += escape(key.text) + "\n";
    }
    return entry;
}

std::string configuration_of(const documented_program& program) {
    std::string text;
    for (const auto& each : sections_of(program.keys)) {
        const auto title = each.path.empty() ? program.file : each.path;
        text += fmt::format(".SS {}\n", escape(title));
        for (const auto& key : each.keys) {
            text += entry_of(key);
        }
    }
    return text;
}

void replace(std::string& text, std::string_view placeholder, std::string_view value) {
    for (auto at = text.find(placeholder); at != std::string::npos;
         at = text.find(placeholder, at + value.size())) {
        text.replace(at, placeholder.size(), value);
    }
}

} // namespace

std::string
man_page(std::string page_template, const documented_program& program, std::string_view version) {
    replace(page_template, "@VERSION@", version);
    replace(page_template, "@CONFIGURATION@\n", configuration_of(program));
    return page_template;
}

} // namespace wakegate::docs
