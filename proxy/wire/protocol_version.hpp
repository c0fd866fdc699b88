#pragma once

#include "proxy/wire/startup_decoder.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace wakegate::wire {

inline constexpr std::uint32_t protocol_3_0 = 0x0003'0000;
/// PostgreSQL 18: cancel keys of up to 256 bytes. There is no 3.1: PgBouncer once claimed it by
/// mistake, so the number is skipped (protocol, "Protocol Versions").
inline constexpr std::uint32_t protocol_3_2 = 0x0003'0002;

/// The protocol version that a client and the proxy use.
struct negotiated_protocol {
    std::uint32_t version = protocol_3_0;
    /// The `_pq_.` parameters of the startup message, none of which is known here, as often and in
    /// the order the client names them.
    std::vector<std::string> unrecognised;
    /// NegotiateProtocolVersion, to be sent once and before any Authentication message; empty when
    /// the client gets all it asked for. libpq takes one that changes nothing for an error.
    std::string negotiate_message;
};

/// By ProcessStartupPacket (tcop/backend_startup.c, PostgreSQL 18): a newer minor than ours is
/// answered with ours, so the 3.9999 that PostgreSQL 19's libpq requests to test servers becomes
/// 3.2. 3.1, which no client uses, becomes 3.0. Nothing for another major version: that client
/// cannot be served (08P01).
[[nodiscard]] std::optional<negotiated_protocol> negotiate_protocol(const startup_message& startup);

/// NegotiateProtocolVersion ('v'). The version goes out whole, major included, as Postgres sends it
/// and libpq expects it, although older manuals call the field "newest minor version".
[[nodiscard]] std::string
negotiate_protocol_version(std::uint32_t version, const std::vector<std::string>& unrecognised);

} // namespace wakegate::wire
