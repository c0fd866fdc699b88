#include "common/units.hpp"

#include <array>
#include <charconv>
#include <limits>

namespace wakegate {
namespace {

struct unit {
    std::string_view suffix;
    std::uint64_t factor;
};

constexpr std::array<unit, 4> time_units{{{"ms", 1}, {"s", 1'000}, {"m", 60'000}, {"h", 3'600'000}}
};
constexpr std::array<unit, 4> size_units{
    {{"", 1}, {"KiB", 1ULL << 10U}, {"MiB", 1ULL << 20U}, {"GiB", 1ULL << 30U}}
};
constexpr std::uint64_t ten_years_ms = 10ULL * 366 * 24 * 3'600'000;

std::optional<std::uint64_t>
parse_with_units(std::string_view text, const std::array<unit, 4>& units) noexcept {
    std::uint64_t number = 0;
    const auto* const end = text.data() + text.size();
    const auto [rest, error] = std::from_chars(text.data(), end, number);
    if (error != std::errc{}) {
        return std::nullopt;
    }
    const std::string_view suffix(rest, static_cast<std::size_t>(end - rest));
    for (const auto& candidate : units) {
        if (suffix != candidate.suffix) {
            continue;
        }
        if (number > std::numeric_limits<std::uint64_t>::max() / candidate.factor) {
            return std::nullopt;
        }
        return number * candidate.factor;
    }
    return std::nullopt;
}

} // namespace

std::optional<milliseconds> parse_duration(std::string_view text) noexcept {
    const auto value = parse_with_units(text, time_units);
    if (!value || *value > ten_years_ms) {
        return std::nullopt;
    }
    return milliseconds(*value);
}

std::optional<std::uint64_t> parse_size(std::string_view text) noexcept {
    return parse_with_units(text, size_units);
}

std::string format_duration(milliseconds value) {
    const auto count = static_cast<std::uint64_t>(value.count());
    for (auto candidate = time_units.rbegin(); candidate != time_units.rend(); ++candidate) {
        const bool exact =
            count % candidate->factor == 0 && (count != 0 || candidate->suffix == "s");
        if (exact) {
            return std::to_string(count / candidate->factor).append(candidate->suffix);
        }
    }
    return std::to_string(count) + "ms";
}

} // namespace wakegate
