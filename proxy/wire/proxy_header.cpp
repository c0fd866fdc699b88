#include "proxy/wire/proxy_header.hpp"

#include "proxy/wire/bytes.hpp"

#include <boost/system/result.hpp>

#include <algorithm>
#include <cassert>
#include <cstring>
#include <optional>
#include <tuple>
#include <utility>

namespace wakegate::wire {

namespace {

constexpr std::string_view signature("\r\n\r\n\0\r\nQUIT\n", 12);
constexpr char version_1_begin = 'P'; // "PROXY TCP4 "; nothing else here begins with it
constexpr std::size_t command_at = 12;
constexpr std::size_t family_at = 13;
constexpr std::size_t length_at = 14;
constexpr std::size_t prologue_size = 16;
constexpr std::size_t tlv_header_size = 3;

constexpr unsigned char command_local = 0x20; // the upper half is the version
constexpr unsigned char command_proxy = 0x21;
constexpr unsigned char family_unspecified = 0x00;
constexpr unsigned char family_tcp4 = 0x11;
constexpr unsigned char family_tcp6 = 0x21;
constexpr unsigned char family_unix = 0x31;

unsigned char byte_at(std::string_view bytes, std::size_t at) noexcept {
    return static_cast<unsigned char>(bytes[at]);
}

/// Of the address block; nothing for a transport other than TCP, or a family that is not assigned.
std::optional<std::size_t> size_of_addresses(unsigned char family) noexcept {
    switch (family) {
    case family_unspecified:
        return 0;
    case family_tcp4:
        return 12;
    case family_tcp6:
        return 36;
    case family_unix:
        return 216;
    default:
        return std::nullopt;
    }
}

using check_result = boost::system::result<void, malformed_proxy_header>;

check_result check_signature(std::string_view bytes) {
    if (bytes.substr(0, signature.size()) == signature.substr(0, bytes.size())) {
        return {};
    }
    if (bytes.front() == version_1_begin) {
        return malformed_proxy_header{
            "a header of PROXY protocol version 1: only version 2 is read here, which the "
            "sender has to be told (haproxy: send-proxy-v2)"
        };
    }
    return malformed_proxy_header{
        "no header of PROXY protocol version 2, which this listener requires"
    };
}

check_result check_command(unsigned char command) {
    if (command == command_local || command == command_proxy) {
        return {};
    }
    if (command >> 4 != 2) {
        return malformed_proxy_header{
            "PROXY protocol version " + std::to_string(command >> 4) + ", only 2 is read here"
        };
    }
    return malformed_proxy_header{
        "PROXY protocol: unknown command " + std::to_string(command & 0xf)
    };
}

check_result check_length(std::string_view bytes) {
    const auto length = load_uint16(bytes, length_at);
    if (length > proxy_header_decoder::max_length) {
        return malformed_proxy_header{
            "PROXY protocol: a header of " + std::to_string(length) + " bytes, at most " +
            std::to_string(proxy_header_decoder::max_length) + " are read"
        };
    }
    // What follows LOCAL is to be skipped unread, whatever it is.
    if (byte_at(bytes, command_at) == command_local) {
        return {};
    }
    const auto addresses = size_of_addresses(byte_at(bytes, family_at));
    if (!addresses) {
        return malformed_proxy_header{
            "PROXY protocol: address family and transport " +
            std::to_string(byte_at(bytes, family_at)) + " cannot come over TCP"
        };
    }
    if (length < *addresses) {
        return malformed_proxy_header{
            "PROXY protocol: the addresses take " + std::to_string(*addresses) +
            " bytes, the header announces " + std::to_string(length)
        };
    }
    return {};
}

/// Fails as soon as a header is known to be bad. `bytes` may be any beginning of it.
check_result check_header(std::string_view bytes) {
    auto checked = check_signature(bytes);
    if (checked && bytes.size() > command_at) {
        checked = check_command(byte_at(bytes, command_at));
    }
    if (checked && bytes.size() >= prologue_size) {
        checked = check_length(bytes);
    }
    return checked;
}

template <typename Address> proxied_connection addresses_of(std::string_view block) {
    const auto endpoint = [block](std::size_t address_at, std::size_t port_at) {
        Address address;
        const auto text = block.substr(address_at, address.size());
        std::memcpy(address.data(), text.data(), std::min(text.size(), address.size()));
        return proxied_endpoint{.address = address, .port = load_uint16(block, port_at)};
    };
    constexpr auto size = std::tuple_size_v<Address>;
    return {.source = endpoint(0, 2 * size), .destination = endpoint(size, 2 * size + 2)};
}

bool are_tlvs(std::string_view rest) noexcept {
    while (!rest.empty()) {
        if (rest.size() < tlv_header_size) {
            return false;
        }
        const std::size_t size = tlv_header_size + load_uint16(rest, 1);
        if (size > rest.size()) {
            return false;
        }
        rest.remove_prefix(size);
    }
    return true;
}

ipv6_bytes as_ipv6(const std::variant<ipv4_bytes, ipv6_bytes>& address) {
    if (const auto* const v6 = std::get_if<ipv6_bytes>(&address)) {
        return *v6;
    }
    ipv6_bytes mapped{};
    mapped[10] = mapped[11] = 0xff;
    const auto& v4 = std::get<ipv4_bytes>(address);
    std::copy(v4.begin(), v4.end(), mapped.begin() + 12);
    return mapped;
}

std::string prologue(unsigned char command, unsigned char family, std::size_t length) {
    std::string bytes(signature);
    bytes.push_back(static_cast<char>(command));
    bytes.push_back(static_cast<char>(family));
    append_uint16(bytes, static_cast<std::uint16_t>(length));
    return bytes;
}

template <typename Address>
std::string
header_of(unsigned char family, const Address& from, const Address& to, std::pair<int, int> ports) {
    auto bytes = prologue(command_proxy, family, 2 * from.size() + 4);
    bytes.append(from.begin(), from.end());
    bytes.append(to.begin(), to.end());
    append_uint16(bytes, static_cast<std::uint16_t>(ports.first));
    append_uint16(bytes, static_cast<std::uint16_t>(ports.second));
    return bytes;
}

} // namespace

std::size_t proxy_header_decoder::wanted() const noexcept {
    if (!check_header(bytes_)) {
        return 0;
    }
    const std::size_t length = bytes_.size() < prologue_size ? 0 : load_uint16(bytes_, length_at);
    return prologue_size + length - bytes_.size();
}

void proxy_header_decoder::feed(std::string_view data) {
    assert(data.size() <= wanted());
    bytes_.append(data);
}

proxy_header proxy_header_decoder::take() {
    assert(wanted() == 0);
    const auto header = std::exchange(bytes_, {});
    if (auto checked = check_header(header); !checked) {
        return std::move(checked).error();
    }
    if (byte_at(header, command_at) == command_local) {
        return local_connection{};
    }
    const auto family = byte_at(header, family_at);
    const auto block = std::string_view(header).substr(prologue_size);
    if (!are_tlvs(block.substr(size_of_addresses(family).value_or(0)))) {
        return malformed_proxy_header{
            "PROXY protocol: the TLVs and the header end in different places"
        };
    }
    switch (family) {
    case family_tcp4:
        return addresses_of<ipv4_bytes>(block);
    case family_tcp6:
        return addresses_of<ipv6_bytes>(block);
    default:
        return unknown_connection{};
    }
}

std::string proxy_header_for(const proxied_connection& connection) {
    const auto& [from, to] = connection;
    const std::pair<int, int> ports(from.port, to.port);
    const auto* const v4_from = std::get_if<ipv4_bytes>(&from.address);
    const auto* const v4_to = std::get_if<ipv4_bytes>(&to.address);
    if (v4_from != nullptr && v4_to != nullptr) {
        return header_of(family_tcp4, *v4_from, *v4_to, ports);
    }
    return header_of(family_tcp6, as_ipv6(from.address), as_ipv6(to.address), ports);
}

std::string unknown_proxy_header() {
    return prologue(command_proxy, family_unspecified, 0);
}

std::string local_proxy_header() {
    return prologue(command_local, family_unspecified, 0);
}

} // namespace wakegate::wire
