#include "proxy/auth/scram_attributes.hpp"

#include <algorithm>

namespace wakegate::auth {

namespace {

bool is_printable(char byte) {
    return byte > ' ' && byte <= '~';
}

} // namespace

std::optional<std::string_view> scram_attributes::take(char name) {
    if (peek() != name) {
        error_ = "Expected attribute \"" + std::string(1, name) + "\" but found \"" +
                 printable_byte(peek()) + "\".";
        return std::nullopt;
    }
    if (rest_.size() < 2 || rest_[1] != '=') {
        error_ = "Expected character \"=\" for attribute \"" + std::string(1, name) + "\".";
        return std::nullopt;
    }
    const auto end = rest_.find(',');
    const auto value = rest_.substr(0, end).substr(2);
    at_end_ = end == std::string_view::npos;
    rest_.remove_prefix(at_end_ ? rest_.size() : end + 1);
    return value;
}

bool is_nonce(std::string_view text) noexcept {
    return !text.empty() && std::all_of(text.begin(), text.end(), [](char byte) {
        return is_printable(byte) && byte != ',';
    });
}

std::string printable_byte(char byte) {
    if (is_printable(byte)) {
        return std::string("'") + byte + "'";
    }
    constexpr std::string_view digits = "0123456789abcdef";
    const auto value = static_cast<unsigned char>(byte);
    return std::string("0x") + digits[value >> 4] + digits[value & 0xf];
}

} // namespace wakegate::auth
