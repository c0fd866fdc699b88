#include "common/cidr.hpp"

#include <boost/asio/ip/network_v4.hpp>
#include <boost/asio/ip/network_v6.hpp>

#include <algorithm>
#include <charconv>

namespace wakegate {
namespace {

namespace ip = boost::asio::ip;

constexpr unsigned short bits_of_v4 = 32;
constexpr unsigned short bits_of_v6 = 128;
constexpr unsigned short bits_of_mapping = 96; ///< ::ffff:0:0/96

unsigned short bits_of(const ip_address& address) {
    return address.is_v4() ? bits_of_v4 : bits_of_v6;
}

std::optional<unsigned short> parse_prefix(std::string_view digits) {
    unsigned short prefix = 0;
    const auto* const end = digits.data() + digits.size();
    const auto [rest, error] = std::from_chars(digits.data(), end, prefix);
    const bool is_number = error == std::errc{} && rest == end;
    return is_number ? std::optional(prefix) : std::nullopt;
}

} // namespace

ip_address canonical_address(const ip_address& address) {
    if (address.is_v4()) {
        return address;
    }
    const auto v6 = address.to_v6();
    if (v6.is_v4_mapped()) {
        return ip::make_address_v4(ip::v4_mapped, v6);
    }
    return ip::address_v6(v6.to_bytes());
}

cidr cidr::containing(const ip_address& address, unsigned short prefix) {
    const auto canonical = canonical_address(address);
    const auto size = std::min(prefix, bits_of(canonical));
    if (canonical.is_v4()) {
        return {ip::network_v4(canonical.to_v4(), size).network(), size};
    }
    return {ip::network_v6(canonical.to_v6(), size).network(), size};
}

std::optional<cidr> cidr::parse(std::string_view text) {
    const auto slash = text.find('/');
    const std::string written(text.substr(0, slash));
    boost::system::error_code error;
    const auto address = ip::make_address(written, error);
    if (error || written.find('%') != std::string::npos) {
        return std::nullopt;
    }
    const auto all = bits_of(address);
    const auto prefix =
        slash == std::string_view::npos ? std::optional(all) : parse_prefix(text.substr(slash + 1));
    if (!prefix || *prefix > all) {
        return std::nullopt;
    }
    const auto canonical = canonical_address(address);
    const bool is_mapped = canonical.is_v4() && address.is_v6();
    if (is_mapped && *prefix < bits_of_mapping) {
        return std::nullopt; // its bits behind the prefix are not zero
    }
    const auto size = static_cast<unsigned short>(is_mapped ? *prefix - bits_of_mapping : *prefix);
    const auto network = containing(canonical, size);
    return network.network_ == canonical ? std::optional(network) : std::nullopt;
}

bool cidr::contains(const ip_address& address) const {
    const auto canonical = canonical_address(address);
    return canonical.is_v4() == network_.is_v4() &&
           containing(canonical, prefix_).network_ == network_;
}

std::string cidr::text() const {
    return network_.to_string() + "/" + std::to_string(prefix_);
}

source_network source_network_of(const ip_address& address) {
    const auto host = source_host_of(address);
    return {.is_v6 = host.is_v6, .bits = host.is_v6 ? host.bits : host.bits >> 8};
}

source_host source_host_of(const ip_address& address) {
    const auto canonical = canonical_address(address);
    if (canonical.is_v4()) {
        return {.is_v6 = false, .bits = canonical.to_v4().to_uint()};
    }
    std::uint64_t bits = 0;
    const auto bytes = canonical.to_v6().to_bytes();
    for (std::size_t i = 0; i < sizeof(bits); ++i) {
        bits = bits << 8 | bytes[i];
    }
    return {.is_v6 = true, .bits = bits};
}

} // namespace wakegate
