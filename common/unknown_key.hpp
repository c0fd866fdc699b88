#pragma once

#include <functional>
#include <set>
#include <string>
#include <string_view>

namespace wakegate {

/// What to say of a key that nobody asked for: the nearest of the known ones, or all of them.
[[nodiscard]] std::string
describe_unknown_key(std::string_view unknown, const std::set<std::string, std::less<>>& known);

} // namespace wakegate
