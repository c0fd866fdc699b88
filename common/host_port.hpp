#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace wakegate {

/// A name or an address, and a TCP port. The host is kept as written; nothing is resolved here.
struct host_port {
    std::string host;
    std::uint16_t port = 0;

    friend bool operator==(const host_port&, const host_port&) = default;
};

/// "db.example.com:5432", "10.0.0.1:5432", "[::1]:5432", "*:5432" (to listen on: any IPv4
/// and IPv6 address).
[[nodiscard]] std::optional<host_port> parse_host_port(std::string_view text);

/// What is wrong with a text that `parse_host_port` refuses, and what to write: "'6432' has no
/// host; write HOST:PORT, like 127.0.0.1:6432".
[[nodiscard]] std::string describe_bad_host_port(std::string_view text);

/// Puts brackets around an IPv6 address.
[[nodiscard]] std::string to_string(const host_port& value);

} // namespace wakegate
