#pragma once

#include <cassert>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace wakegate::wire {

/// The int32 in network order that stands at `at`. Precondition: four bytes are there.
[[nodiscard]] inline std::uint32_t
load_uint32(std::string_view bytes, std::size_t at = 0) noexcept {
    assert(bytes.size() >= sizeof(std::uint32_t) && at <= bytes.size() - sizeof(std::uint32_t));
    const auto byte = [&](std::size_t i) {
        return std::uint32_t{static_cast<unsigned char>(bytes[at + i])};
    };
    return byte(0) << 24 | byte(1) << 16 | byte(2) << 8 | byte(3);
}

/// The int16 in network order that stands at `at`. Precondition: two bytes are there.
[[nodiscard]] inline std::uint16_t
load_uint16(std::string_view bytes, std::size_t at = 0) noexcept {
    assert(bytes.size() >= sizeof(std::uint16_t) && at <= bytes.size() - sizeof(std::uint16_t));
    const auto high = static_cast<unsigned char>(bytes[at]);
    const auto low = static_cast<unsigned char>(bytes[at + 1]);
    return static_cast<std::uint16_t>(high << 8 | low);
}

inline void append_uint16(std::string& bytes, std::uint16_t value) {
    bytes.push_back(static_cast<char>(value >> 8));
    bytes.push_back(static_cast<char>(value & 0xff));
}

inline void append_uint32(std::string& bytes, std::uint32_t value) {
    for (const int shift : {24, 16, 8, 0}) {
        bytes.push_back(static_cast<char>(value >> shift & 0xff));
    }
}

} // namespace wakegate::wire
