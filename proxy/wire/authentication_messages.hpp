#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace wakegate::wire {

// Messages of the login: PostgreSQL manual, "Message Formats" and "SASL Authentication". Whole
// messages, type byte and length included, unless it says "body". Views point into the argument.

// Messages of a server.

/// AuthenticationOk ('R', 0).
[[nodiscard]] std::string authentication_ok();
/// AuthenticationSASL ('R', 10): the mechanisms, the preferred one first.
[[nodiscard]] std::string authentication_sasl(const std::vector<std::string_view>& mechanisms);
/// AuthenticationSASLContinue ('R', 11).
[[nodiscard]] std::string authentication_sasl_continue(std::string_view data);
/// AuthenticationSASLFinal ('R', 12).
[[nodiscard]] std::string authentication_sasl_final(std::string_view data);

/// BackendKeyData ('K'); `key` is the process id and the secret, as in a CancelRequest: 8 bytes up
/// to protocol 3.1, up to 260 since 3.2.
[[nodiscard]] std::string backend_key_data(std::string_view key);

// Messages of a client.

/// SASLInitialResponse ('p'); without data the server speaks first.
[[nodiscard]] std::string
sasl_initial_response(std::string_view mechanism, std::optional<std::string_view> data);
/// SASLResponse ('p').
[[nodiscard]] std::string sasl_response(std::string_view data);

struct sasl_initial {
    std::string_view mechanism;
    std::optional<std::string_view> data; ///< absent when its length is -1
};

/// The body of a SASLInitialResponse; nothing when it is malformed. (A SASLResponse's body is its
/// data.)
[[nodiscard]] std::optional<sasl_initial> parse_sasl_initial(std::string_view body) noexcept;

/// Kinds of 'R' messages that a proxy meets.
enum class authentication_kind : std::uint32_t {
    ok = 0,
    cleartext_password = 3,
    md5_password = 5,
    sasl = 10,
    sasl_continue = 11,
    sasl_final = 12,
};

struct authentication_request {
    authentication_kind kind; ///< may have a value without a name: GSSAPI, SSPI, later ones
    std::string_view data;    ///< what follows the number
};

/// The body of an 'R' message; nothing when it is too short.
[[nodiscard]] std::optional<authentication_request> parse_authentication(std::string_view body
) noexcept;

/// The data of an AuthenticationSASL; nothing when the list is empty, does not end or has
/// something behind its end.
[[nodiscard]] std::optional<std::vector<std::string_view>>
parse_sasl_mechanisms(std::string_view data);

/// Why a message is no SASL response of a client.
enum class sasl_message_errc : std::uint8_t {
    unexpected_type,
    invalid_length, ///< too short or too long
};

struct sasl_message_error {
    sasl_message_errc code{};
    unsigned char type = 0; ///< of `unexpected_type`: the message's

    friend bool operator==(const sasl_message_error&, const sasl_message_error&) = default;
};

/// One 'p' message of a client that has not logged in yet, taken whole and never longer than
/// `max_sasl_body`.
///
///     sasl_message_decoder decoder;
///     while (decoder.wanted() > 0) { read at most decoder.wanted() bytes; decoder.feed(them); }
///     if (!decoder.error()) use(decoder.take_body());
///
/// Like startup_decoder it never asks for a byte beyond the message.
class sasl_message_decoder {
public:
    /// Neon's bound (peer practice; Postgres takes 1,024). The longest message of a client of ours,
    /// a client-final-message with channel binding under SHA-512 and 64 characters of nonce, is
    /// below 300 bytes.
    static constexpr std::size_t max_sasl_body = 512;

    /// 0 as soon as the message is whole or its first five bytes prove it invalid.
    [[nodiscard]] std::size_t wanted() const noexcept;
    /// `data` holds at most `wanted()` bytes, in any number of pieces.
    void feed(std::string_view data);
    /// Why the message is refused, if it is. Precondition: `wanted() == 0`.
    [[nodiscard]] std::optional<sasl_message_error> error() const noexcept;
    /// Preconditions: `wanted() == 0` and no error. The decoder is new again.
    [[nodiscard]] std::string take_body();

private:
    [[nodiscard]] bool has_bad_header() const noexcept;

    std::string bytes_;
};

} // namespace wakegate::wire
