#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace wakegate {

/// Levenshtein's distance in bytes, for "did you mean".
[[nodiscard]] std::size_t edit_distance(std::string_view left, std::string_view right);

/// `names` with those first that are spelt most like `name`; among equals their order stays.
[[nodiscard]] std::vector<std::string>
nearest_first(std::vector<std::string> names, std::string_view name);

} // namespace wakegate
