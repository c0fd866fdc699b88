#pragma once

#include <functional>
#include <set>
#include <string>
#include <string_view>

namespace wakegate {

/// The error for an unknown key: suggests the most similar known key, or lists all of them.
[[nodiscard]] std::string
describe_unknown_key(std::string_view unknown, const std::set<std::string, std::less<>>& known);

} // namespace wakegate
