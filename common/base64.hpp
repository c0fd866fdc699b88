#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace wakegate {

/// RFC 4648 section 4, as RFC 5802 section 5.1 asks for it: padded, without line breaks.
[[nodiscard]] std::string encode_base64(std::string_view bytes);

/// Exactly what `encode_base64` writes; nothing for white space, missing padding, or bits set
/// behind the last byte.
[[nodiscard]] std::optional<std::string> decode_base64(std::string_view text);

} // namespace wakegate
