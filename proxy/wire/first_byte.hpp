#pragma once

namespace wakegate::wire {

/// What a connection begins with. The first byte is enough to tell, so it can be peeked at and left
/// for the decoder.
enum class first_bytes {
    startup,      ///< a length of 10,004 at most, so its first byte is 0: startup_decoder
    direct_tls,   ///< a TLS handshake record (RFC 8446, 5.1); libpq 17, sslnegotiation=direct
    proxy_header, ///< PROXY protocol 2 or 1: proxy_header_decoder, which tells them apart
    unknown,      ///< none of these: startup_decoder finds it malformed
};

[[nodiscard]] constexpr first_bytes classify_first_byte(char byte) noexcept {
    switch (byte) {
    case 0:
        return first_bytes::startup;
    case 0x16:
        return first_bytes::direct_tls;
    case '\r': // "\r\n\r\n\0\r\nQUIT\n"
    case 'P':  // "PROXY TCP4 "
        return first_bytes::proxy_header;
    default:
        return first_bytes::unknown;
    }
}

} // namespace wakegate::wire
