#include "common/base64.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>

namespace wakegate {

namespace {

constexpr std::size_t bytes_per_group = 3;
constexpr std::size_t letters_per_group = 4;

const unsigned char* as_unsigned(std::string_view text) {
    return reinterpret_cast<const unsigned char*>(text.data());
}

unsigned char* as_unsigned(std::string& text) {
    return reinterpret_cast<unsigned char*>(text.data());
}

std::size_t padding_of(std::string_view text) {
    return text.ends_with("==") ? 2 : text.ends_with('=') ? 1 : 0;
}

} // namespace

std::string encode_base64(std::string_view bytes) {
    const auto groups = (bytes.size() + bytes_per_group - 1) / bytes_per_group;
    std::string text(groups * letters_per_group + 1, '\0'); // EVP_EncodeBlock adds a zero byte
    EVP_EncodeBlock(as_unsigned(text), as_unsigned(bytes), static_cast<int>(bytes.size()));
    text.pop_back();
    return text;
}

std::optional<std::string> decode_base64(std::string_view text) {
    if (text.size() % letters_per_group != 0) {
        return std::nullopt;
    }
    std::string bytes(text.size() / letters_per_group * bytes_per_group, '\0');
    const int size = static_cast<int>(text.size());
    if (EVP_DecodeBlock(as_unsigned(bytes), as_unsigned(text), size) < 0) {
        return std::nullopt;
    }
    bytes.resize(bytes.size() - padding_of(text));
    // EVP_DecodeBlock is lenient, but each value has one valid encoding.
    auto canonical = encode_base64(bytes);
    const bool exact = canonical == text;
    OPENSSL_cleanse(canonical.data(), canonical.size());
    if (!exact) {
        OPENSSL_cleanse(bytes.data(), bytes.size());
        return std::nullopt;
    }
    return bytes;
}

} // namespace wakegate
