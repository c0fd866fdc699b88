#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace wakegate {

struct utf8_character {
    std::uint32_t code_point;
    std::size_t size; ///< in bytes
};

/// The first character of `text`, which is not empty; nullopt when it is invalid by RFC 3629 §3
/// and §4: cut off, overlong, half a surrogate pair or beyond U+10FFFF.
[[nodiscard]] std::optional<utf8_character> decode_first_character(std::string_view text);

/// `text` with a replacement character (U+FFFD) for each byte that is no UTF-8: clients may send
/// any bytes, and JSON must be UTF-8.
[[nodiscard]] std::string replace_invalid_utf8(std::string_view text);

} // namespace wakegate
