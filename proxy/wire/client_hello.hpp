#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace wakegate::wire {

/// What a TLS client sends unencrypted, as far as routes need it.
struct client_hello {
    /// In lower case, without a trailing dot; empty when the client names no server (RFC 6066, 3).
    std::string server_name;
    std::vector<std::string> protocols; ///< ALPN, in the client's order (RFC 7301)
    std::string raw; ///< every byte taken, record headers included, to be replayed to a server

    [[nodiscard]] bool offers(std::string_view protocol) const noexcept;
};

/// What direct TLS must offer (libpq, "SSL Session Encryption": ALPN is mandatory there).
inline constexpr std::string_view postgresql_protocol = "postgresql";

/// The first bytes are no TLS handshake.
struct not_tls {};

/// It began as TLS, but is no ClientHello of RFC 8446 (4.1.2) or RFC 5246 (7.4.1.2), or is larger
/// than any client's. `reason` may be logged; a client can't read an answer in clear text.
struct malformed_client_hello {
    std::string reason;
};

using hello = std::variant<client_hello, not_tls, malformed_client_hello>;

/// Reads one ClientHello off the front of a TLS stream, to route by it and relay the stream without
/// decrypting it. The hello may be cut into records, and those into pieces, in any way.
///
///     client_hello_decoder decoder;
///     while (decoder.wanted() > 0) { read at most decoder.wanted() bytes; decoder.feed(them); }
///     auto first = decoder.take();
///
/// It never asks for a byte beyond the record that ends the hello, so early data stays where it is.
class client_hello_decoder {
public:
    /// Of all records together. Browsers with post-quantum key shares send about 2 KiB.
    static constexpr std::size_t max_length = 16 * 1024;

    /// 0 as soon as the hello is whole or its first bytes prove it none.
    [[nodiscard]] std::size_t wanted() const noexcept;
    /// `data` holds at most `wanted()` bytes, in any number of pieces.
    void feed(std::string_view data);
    /// Precondition: `wanted() == 0`. The decoder is new again.
    [[nodiscard]] hello take();

private:
    void end_record_header();
    void end_record();
    void check_hello_size();

    std::string raw_;
    std::string message_;          ///< the handshake message, out of its records
    std::size_t record_begin_ = 0; ///< in raw_
    std::optional<malformed_client_hello> error_;
    bool is_not_tls_ = false; ///< not TLS
    bool is_complete_ = false;
};

} // namespace wakegate::wire
