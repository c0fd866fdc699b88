#pragma once

#include <boost/asio/ip/address.hpp>

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace wakegate {

using ip_address = boost::asio::ip::address;

/// The IPv4 address of an IPv4-mapped IPv6 one (::ffff:10.0.0.1, RFC 4291, 2.5.5.2), by which a
/// listener on "::" sees IPv4 clients; any other address unchanged, without its scope.
[[nodiscard]] ip_address canonical_address(const ip_address& address);

/// A network: "10.0.0.0/8", "::1/128"; an address alone is a network of one.
class cidr {
public:
    /// nullopt when the text is no network; the bits behind the prefix must be zero ("10.1.2.3/8"
    /// is a mistake in the prefix or the address). "::ffff:10.0.0.0/104" is 10.0.0.0/8.
    [[nodiscard]] static std::optional<cidr> parse(std::string_view text);
    /// The network of the first `prefix` bits; of all bits when `prefix` is larger.
    [[nodiscard]] static cidr containing(const ip_address& address, unsigned short prefix);

    [[nodiscard]] bool contains(const ip_address& address) const;
    [[nodiscard]] std::string text() const;

    friend bool operator==(const cidr&, const cidr&) = default;

private:
    cidr(const ip_address& network, unsigned short prefix) : network_(network), prefix_(prefix) {}

    ip_address network_; ///< canonical; zero behind the prefix
    unsigned short prefix_;
};

/// The network by which limits count a client: its /24 (IPv4) or /64 (IPv6), the smallest networks
/// that usually have a single owner.
struct source_network {
    bool is_v6 = false;
    std::uint64_t bits = 0; ///< the first 24 or 64

    friend auto operator<=>(const source_network&, const source_network&) = default;
};

[[nodiscard]] source_network source_network_of(const ip_address& address);

/// A client's machine, as limits count it: its IPv4 address, or the /64 in which it can choose its
/// address.
struct source_host {
    bool is_v6 = false;
    std::uint64_t bits = 0; ///< the first 32 or 64

    friend auto operator<=>(const source_host&, const source_host&) = default;
};

[[nodiscard]] source_host source_host_of(const ip_address& address);

} // namespace wakegate
