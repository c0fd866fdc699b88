#pragma once

#include "common/clock.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace wakegate {

/// "250ms", "10s", "5m", "1h", "0s". A unit is required; nullopt for anything else or > 10 years.
[[nodiscard]] std::optional<milliseconds> parse_duration(std::string_view text) noexcept;

/// "4096", "64KiB", "16MiB", "1GiB" in bytes; nullopt for anything else or an overflow.
[[nodiscard]] std::optional<std::uint64_t> parse_size(std::string_view text) noexcept;

/// The shortest spelling that `parse_duration` reads back: "1500ms", "90s", "5m".
[[nodiscard]] std::string format_duration(milliseconds value);

} // namespace wakegate
