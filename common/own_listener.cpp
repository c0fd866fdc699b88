#include "common/own_listener.hpp"

#include "common/cidr.hpp"

#include <algorithm>
#include <ifaddrs.h>
#include <memory>
#include <optional>
#include <vector>

#include <netinet/in.h>

namespace wakegate {
namespace {

namespace ip = boost::asio::ip;

std::optional<ip::address> to_address(const ifaddrs& interface) {
    if (interface.ifa_addr == nullptr) {
        return std::nullopt;
    }
    if (interface.ifa_addr->sa_family == AF_INET) {
        const auto* const v4 = reinterpret_cast<const sockaddr_in*>(interface.ifa_addr);
        return ip::address_v4(ntohl(v4->sin_addr.s_addr));
    }
    if (interface.ifa_addr->sa_family == AF_INET6) {
        const auto* const v6 = reinterpret_cast<const sockaddr_in6*>(interface.ifa_addr);
        ip::address_v6::bytes_type bytes{};
        std::copy_n(v6->sin6_addr.s6_addr, bytes.size(), bytes.begin());
        return ip::address_v6(bytes);
    }
    return std::nullopt;
}

bool is_of_this_machine(const ip::address& address) {
    if (address.is_loopback() || address.is_unspecified()) {
        return true; // 127.0.0.0/8 whole; Linux connects to 0.0.0.0 and :: as to the loopback
    }
    ifaddrs* first = nullptr;
    if (::getifaddrs(&first) != 0) {
        return false;
    }
    const std::unique_ptr<ifaddrs, decltype(&::freeifaddrs)> all(first, &::freeifaddrs);
    for (const auto* each = first; each != nullptr; each = each->ifa_next) {
        if (to_address(*each) == address) {
            return true;
        }
    }
    return false;
}

/// The addresses of a literal or of "localhost"; none for another name.
std::vector<ip::address> addresses_of(const std::string& host) {
    if (host == "localhost") {
        return {ip::address_v4::loopback(), ip::address_v6::loopback()};
    }
    boost::system::error_code no_literal;
    const auto address = ip::make_address(host, no_literal);
    return no_literal ? std::vector<ip::address>() : std::vector{canonical_address(address)};
}

bool takes(const ip::address& listening, const ip::address& target) {
    if (!listening.is_unspecified()) {
        return listening == target;
    }
    // Alone, "::" takes IPv4 as well.
    return is_of_this_machine(target) && (listening.is_v6() || target.is_v4());
}

} // namespace

bool is_own_listener(const host_port& target, const host_port& listening) {
    if (target.port != listening.port) {
        return false;
    }
    const auto targets = addresses_of(target.host);
    if (listening.host == "*") {
        return std::ranges::any_of(targets, is_of_this_machine);
    }
    const auto listeners = addresses_of(listening.host);
    const auto is_taken = [&listeners](const ip::address& address) {
        return std::ranges::any_of(listeners, [&address](const ip::address& listener) {
            return takes(listener, address);
        });
    };
    return target.host == listening.host || std::ranges::any_of(targets, is_taken);
}

} // namespace wakegate
