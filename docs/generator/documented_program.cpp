#include "docs/generator/documented_program.hpp"

#include <algorithm>

namespace wakegate::docs {
namespace {

/// "wake[]" is the mapping that the list "wake" has as its items.
std::string_view text_of(std::span<const configuration_key> keys, std::string_view path) {
    const auto list = path.ends_with("[]") ? path.substr(0, path.size() - 2) : path;
    const auto found = std::ranges::find(keys, list, &configuration_key::path);
    return found == keys.end() ? std::string_view() : found->text;
}

} // namespace

std::vector<section> sections_of(std::span<const configuration_key> keys) {
    std::vector<section> sections = {{}};
    for (const auto& key : keys) {
        const auto parent = parent_of(key.path);
        auto found = std::ranges::find(sections, parent, &section::path);
        if (found == sections.end()) {
            sections.push_back({.path = parent, .text = text_of(keys, parent), .keys = {}});
            found = sections.end() - 1;
        }
        found->keys.push_back(key);
    }
    // "clusters" has but one key, NAME: its section says nothing.
    std::erase_if(sections, [](const section& each) {
        return each.keys.size() == 1 && name_of(each.keys.front().path) == "NAME";
    });
    return sections;
}

std::string_view parent_of(std::string_view path) noexcept {
    const auto dot = path.rfind('.');
    return dot == std::string_view::npos ? std::string_view() : path.substr(0, dot);
}

std::string_view name_of(std::string_view path) noexcept {
    return path.substr(path.rfind('.') + 1);
}

} // namespace wakegate::docs
