#include "common/utf8.hpp"

#include <array>

namespace wakegate {

std::optional<utf8_character> decode_first_character(std::string_view text) {
    const auto byte = [text](std::size_t at) -> std::uint32_t {
        return static_cast<unsigned char>(text[at]);
    };
    const auto lead = byte(0);
    if (lead < 0x80) {
        return utf8_character{lead, 1};
    }
    const std::size_t size = lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    if (lead < 0xc2 || lead > 0xf4 || text.size() < size) {
        return std::nullopt;
    }
    auto code_point = lead & (0xffU >> (size + 1));
    for (std::size_t at = 1; at < size; ++at) {
        if ((byte(at) & 0xc0U) != 0x80) {
            return std::nullopt;
        }
        code_point = code_point << 6U | (byte(at) & 0x3fU);
    }
    constexpr std::array<std::uint32_t, 5> least{0, 0, 0x80, 0x800, 0x10000};
    const bool is_surrogate = code_point >= 0xd800 && code_point <= 0xdfff;
    if (code_point < least.at(size) || is_surrogate || code_point > 0x10ffff) {
        return std::nullopt;
    }
    return utf8_character{code_point, size};
}

std::string replace_invalid_utf8(std::string_view text) {
    std::string result;
    while (!text.empty()) {
        const auto next = decode_first_character(text);
        const auto size = next ? next->size : 1;
        result += next ? text.substr(0, size) : std::string_view("\xEF\xBF\xBD");
        text.remove_prefix(size);
    }
    return result;
}

} // namespace wakegate
