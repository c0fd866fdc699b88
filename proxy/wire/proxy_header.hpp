#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

namespace wakegate::wire {

/// An address as it travels, in network order; what Asio's address_v4 and address_v6 are made from.
using ipv4_bytes = std::array<unsigned char, 4>;
using ipv6_bytes = std::array<unsigned char, 16>;

struct proxied_endpoint {
    std::variant<ipv4_bytes, ipv6_bytes> address;
    std::uint16_t port = 0;

    friend bool operator==(const proxied_endpoint&, const proxied_endpoint&) = default;
};

/// Command PROXY: the two ends of the proxied connection, both of one address family.
struct proxied_connection {
    proxied_endpoint source;
    proxied_endpoint destination;

    friend bool operator==(const proxied_connection&, const proxied_connection&) = default;
};

/// Command LOCAL: a connection of the sender's own (a health check); the socket's addresses count.
struct local_connection {
    friend bool operator==(const local_connection&, const local_connection&) = default;
};

/// A client without an IP address: UNSPEC, or a UNIX socket. The socket's own address is the
/// sender's, not the client's, so no rule that trusts it may be applied.
struct unknown_connection {
    friend bool operator==(const unknown_connection&, const unknown_connection&) = default;
};

/// `reason` may be logged. Send no answer: the specification wants the connection closed.
struct malformed_proxy_header {
    std::string reason;

    friend bool operator==(const malformed_proxy_header&, const malformed_proxy_header&) = default;
};

using proxy_header =
    std::variant<proxied_connection, local_connection, unknown_connection, malformed_proxy_header>;

/// PROXY protocol, version 2 (haproxy, doc/proxy-protocol.txt, 2.2). Version 1 is refused: it is
/// text without a length, and can't be read without reading beyond it.
///
///     proxy_header_decoder decoder;
///     while (decoder.wanted() > 0) { read at most decoder.wanted() bytes; decoder.feed(them); }
///     auto header = decoder.take();
///
/// It never asks for a byte beyond the header. TLVs are checked for their lengths and dropped.
class proxy_header_decoder {
public:
    /// Of addresses and TLVs. haproxy sends some hundred bytes at most; AWS and Azure less.
    static constexpr std::size_t max_length = 4096;

    /// 0 as soon as the header is whole or its first bytes prove it malformed.
    [[nodiscard]] std::size_t wanted() const noexcept;
    /// `data` holds at most `wanted()` bytes, in any number of pieces.
    void feed(std::string_view data);
    /// Precondition: `wanted() == 0`. The decoder is new again.
    [[nodiscard]] proxy_header take();

private:
    std::string bytes_;
};

/// The header for `connection`, command PROXY over TCP, without TLVs. When only one end is IPv4 it
/// travels as ::ffff:a.b.c.d, since a header has one family.
[[nodiscard]] std::string proxy_header_for(const proxied_connection& connection);
/// The header for a connection of a client whose address is not known, UNSPEC.
[[nodiscard]] std::string unknown_proxy_header();
/// The header for a connection of the sender's own, command LOCAL: probes, cancels.
[[nodiscard]] std::string local_proxy_header();

} // namespace wakegate::wire
