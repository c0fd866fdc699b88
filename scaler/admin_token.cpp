#include "scaler/admin_token.hpp"

#include "common/input_file.hpp"

#include <fmt/format.h>
#include <openssl/crypto.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <utility>

namespace wakegate::scaler {
namespace {

constexpr std::string_view remedy = "`openssl rand -hex 32` makes one";

bool is_header_text(std::string_view text) {
    return std::ranges::all_of(text, [](char byte) { return byte > ' ' && byte < '\x7f'; });
}

} // namespace

std::variant<admin_token, token_error> admin_token::read_file(const std::string& path) {
    if (const auto readable = check_readable(path); !readable) {
        return token_error{fmt::format("{}; {}", readable.error().text, remedy)};
    }
    std::error_code ignored;
    if (!std::filesystem::is_regular_file(path, ignored)) { // a pipe might never end
        return token_error{fmt::format("'{}' is no regular file; {}", path, remedy)};
    }
    std::ifstream file(path, std::ios::binary);
    admin_token token(std::string(max_size + 2, '\0')); // newline, and one byte too many
    auto& bytes = token.bytes_;
    file.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    bytes.resize(static_cast<std::size_t>(std::max<std::streamsize>(file.gcount(), 0)));
    if (bytes.ends_with('\n')) {
        bytes.pop_back();
    }
    if (bytes.size() < min_size || bytes.size() > max_size) {
        return token_error{fmt::format(
            "'{}' must hold a token of {} to {} bytes, and {} {}; {}",
            path,
            std::size_t{min_size},
            std::size_t{max_size},
            bytes.size() > max_size ? "holds more than" : "holds",
            std::min(bytes.size(), std::size_t{max_size}),
            remedy
        )};
    }
    if (!is_header_text(bytes)) {
        return token_error{fmt::format(
            "'{}' must hold one line of printable ASCII without spaces; {}", path, remedy
        )};
    }
    return token;
}

admin_token::admin_token(admin_token&& other) noexcept : bytes_(std::move(other.bytes_)) {}

admin_token::~admin_token() {
    OPENSSL_cleanse(bytes_.data(), bytes_.capacity());
}

bool admin_token::matches(std::string_view shown) const noexcept {
    return shown.size() == bytes_.size() &&
           CRYPTO_memcmp(shown.data(), bytes_.data(), bytes_.size()) == 0;
}

} // namespace wakegate::scaler
