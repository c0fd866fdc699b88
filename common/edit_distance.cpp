#include "common/edit_distance.hpp"

#include <algorithm>
#include <map>
#include <numeric>
#include <utility>

namespace wakegate {

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

std::vector<std::string> nearest_first(std::vector<std::string> names, std::string_view name) {
    std::multimap<std::size_t, std::string> by_distance;
    for (auto& each : names) {
        const auto distance = edit_distance(each, name);
        by_distance.emplace(distance, std::move(each));
    }
    names.clear();
    for (auto& [distance, each] : by_distance) {
        names.push_back(std::move(each));
    }
    return names;
}

} // namespace wakegate
