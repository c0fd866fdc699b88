#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace wakegate::auth {

/// Random bytes in a nonce of ours, as many as Postgres takes (SCRAM_RAW_NONCE_LEN).
inline constexpr std::size_t raw_nonce_size = 18;

/// Walks the attributes of a SCRAM message, "a=value,b=value" (RFC 5802 section 5.1), in order.
/// Views point into the message, which outlives this.
class scram_attributes {
public:
    explicit scram_attributes(std::string_view message) noexcept : rest_(message) {}

    /// The value of the next attribute, which is to be `name`. On failure nothing is taken, and
    /// `error` says why, worded as Postgres does it (auth-scram.c, read_attr_value).
    [[nodiscard]] std::optional<std::string_view> take(char name);

    /// True when an attribute follows, or a comma that requires one.
    [[nodiscard]] bool has_more() const noexcept { return !at_end_; }

    /// The name of the next attribute; a zero byte for none.
    [[nodiscard]] char peek() const noexcept { return rest_.empty() ? '\0' : rest_.front(); }

    [[nodiscard]] std::string_view remaining() const noexcept { return rest_; }

    [[nodiscard]] const std::string& error() const noexcept { return error_; }

private:
    std::string_view rest_;
    bool at_end_ = false;
    std::string error_;
};

/// RFC 5802 section 7: printable ASCII without the comma, at least one.
[[nodiscard]] bool is_nonce(std::string_view text) noexcept;

/// One byte for an error text: 'x' or 0x1f (auth-scram.c, sanitize_char).
[[nodiscard]] std::string printable_byte(char byte);

/// Channel binding of type tls-server-end-point: RFC 5929 section 4, RFC 5802 section 6.
inline constexpr std::string_view binding_type = "tls-server-end-point";
inline constexpr std::string_view plain_mechanism = "SCRAM-SHA-256";
inline constexpr std::string_view binding_mechanism = "SCRAM-SHA-256-PLUS";

} // namespace wakegate::auth
