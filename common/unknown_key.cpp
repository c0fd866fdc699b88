#include "common/unknown_key.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <numeric>
#include <vector>

namespace wakegate {
namespace {

/// Levenshtein's distance, for "did you mean".
std::size_t edit_distance(std::string_view left, std::string_view right) {
    std::vector<std::size_t> row(right.size() + 1);
    std::iota(row.begin(), row.end(), 0);
    for (std::size_t i = 1; i <= left.size(); ++i) {
        std::size_t diagonal = row[0];
        row[0] = i;
        for (std::size_t j = 1; j <= right.size(); ++j) {
            const auto replaced = diagonal + (left[i - 1] == right[j - 1] ? 0U : 1U);
            diagonal = row[j];
            row[j] = std::min({row[j] + 1, row[j - 1] + 1, replaced});
        }
    }
    return row.back();
}

} // namespace

std::string
describe_unknown_key(std::string_view unknown, const std::set<std::string, std::less<>>& known) {
    const std::string* nearest = nullptr;
    std::size_t least = unknown.size() / 2 + 2;
    for (const auto& candidate : known) {
        const auto distance = edit_distance(unknown, candidate);
        if (distance < least) {
            least = distance;
            nearest = &candidate;
        }
    }
    if (nearest != nullptr) {
        return fmt::format("unknown key; did you mean '{}'?", *nearest);
    }
    return fmt::format("unknown key; known here: {}", fmt::join(known, ", "));
}

} // namespace wakegate
