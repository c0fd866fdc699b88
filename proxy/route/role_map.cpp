#include "proxy/route/role_map.hpp"

#include "common/configuration_error.hpp"
#include "proxy/route/glob.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace wakegate::proxy {
namespace {

constexpr std::string_view gap = "{role}";

/// `text` is `pattern` with `role` in its gap. The role is only compared, so it may contain any
/// character.
bool is_filled_with(std::string_view pattern, std::string_view role, std::string_view text) {
    const auto at = pattern.find(gap);
    const auto before = pattern.substr(0, at);
    const auto after = pattern.substr(at + gap.size());
    return text.size() == before.size() + role.size() + after.size() && text.starts_with(before) &&
           text.ends_with(after) && text.substr(before.size(), role.size()) == role;
}

bool fits(const role_rule& rule, std::string_view name, std::string_view role) {
    return rule.name.find(gap) == std::string::npos ? matches(rule.name, name)
                                                    : is_filled_with(rule.name, role, name);
}

void check(const role_rule& rule) {
    auto rest = rule.name;
    if (const auto at = rest.find(gap); at != std::string::npos) {
        rest.erase(at, gap.size());
    }
    if (rest.find_first_of("{}") != std::string::npos) {
        throw configuration_error(
            fmt::format("name: '{}': braces hold nothing but one {{role}}", rule.name)
        );
    }
}

} // namespace

role_map::role_map(std::vector<role_rule> rules) : rules_(std::move(rules)) {
    std::for_each(rules_.begin(), rules_.end(), check);
}

bool role_map::allows(const std::vector<std::string>& names, std::string_view role) const {
    return std::any_of(rules_.begin(), rules_.end(), [&](const role_rule& rule) {
        return matches(rule.role, role) &&
               std::any_of(names.begin(), names.end(), [&](const std::string& name) {
                   return fits(rule, name, role);
               });
    });
}

} // namespace wakegate::proxy
