#pragma once

#include "common/yaml_map.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace wakegate::proxy {

/// What no number of clients, sessions or connections in a configuration may exceed.
inline constexpr std::uint64_t max_client_count = 1'000'000;

/// A number of clients, from 1; absent when the key is.
[[nodiscard]] inline std::optional<std::size_t>
read_limit(const yaml_map& from, std::string_view key) {
    // Asked for in either case, so that the key is known.
    const auto given = from.number(key, 1, 1, max_client_count);
    return from.has(key) ? std::optional<std::size_t>(given) : std::nullopt;
}

} // namespace wakegate::proxy
