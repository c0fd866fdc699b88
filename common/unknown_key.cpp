#include "common/unknown_key.hpp"

#include "common/edit_distance.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cstddef>

namespace wakegate {

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
