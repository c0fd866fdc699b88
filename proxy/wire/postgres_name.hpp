#pragma once

#include <cstddef>
#include <string_view>

namespace wakegate::wire {

/// NAMEDATALEN - 1, in bytes.
inline constexpr std::size_t max_name_size = 63;

/// The user or database that a server takes `name` of a startup message for: its first 63 bytes,
/// even if that splits a character (ProcessStartupPacket; the first releases of 17 did not cut).
/// CREATE ROLE and CREATE DATABASE keep characters whole, so the server itself does not find by its
/// full text a name in which byte 63 falls into a character.
[[nodiscard]] constexpr std::string_view truncate_name(std::string_view name) noexcept {
    return name.substr(0, max_name_size);
}

} // namespace wakegate::wire
