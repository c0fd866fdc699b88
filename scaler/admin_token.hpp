#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <variant>

namespace wakegate::scaler {

struct token_error {
    std::string reason; ///< what is wrong with the file, and the remedy; nothing of its content
};

/// The token that authorises operators' orders. Overwritten when it is destroyed.
class admin_token {
public:
    static constexpr std::size_t min_size = 32; ///< bytes
    static constexpr std::size_t max_size = 4096;

    /// The file's only line. It goes into an HTTP header, so it is printable ASCII without spaces.
    /// Blocks as long as the file system does.
    [[nodiscard]] static std::variant<admin_token, token_error> read_file(const std::string& path);

    admin_token(admin_token&& other) noexcept;
    admin_token& operator=(admin_token&&) = delete;
    ~admin_token();

    /// In constant time.
    [[nodiscard]] bool matches(std::string_view shown) const noexcept;

    [[nodiscard]] std::string_view view() const noexcept { return bytes_; }

private:
    explicit admin_token(std::string bytes) noexcept : bytes_(std::move(bytes)) {}

    std::string bytes_; ///< too long for the small-string buffer, so a move copies nothing
};

} // namespace wakegate::scaler
