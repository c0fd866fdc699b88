#include "common/host_port.hpp"

#include <algorithm>
#include <charconv>

namespace wakegate {

std::optional<host_port> parse_host_port(std::string_view text) {
    const auto colon = text.rfind(':');
    if (colon == std::string_view::npos || colon == 0) {
        return std::nullopt;
    }
    auto host = text.substr(0, colon);
    const auto digits = text.substr(colon + 1);
    std::uint16_t port = 0;
    const auto* const end = digits.data() + digits.size();
    const auto [rest, error] = std::from_chars(digits.data(), end, port);
    if (error != std::errc{} || rest != end) {
        return std::nullopt;
    }
    if (host.front() == '[') {
        if (host.size() < 3 || host.back() != ']') {
            return std::nullopt;
        }
        host = host.substr(1, host.size() - 2);
    } else if (host.find(':') != std::string_view::npos) {
        return std::nullopt; // an IPv6 address without brackets is ambiguous
    }
    const auto is_in_no_name = [](unsigned char c) {
        return c <= ' ' || c == 0x7f || c == '/' || c == '"' || c == '\'';
    };
    if (std::any_of(host.begin(), host.end(), is_in_no_name)) {
        return std::nullopt;
    }
    return host_port{.host = std::string(host), .port = port};
}

std::string to_string(const host_port& value) {
    const bool is_v6 = value.host.find(':') != std::string::npos;
    const auto host = is_v6 ? "[" + value.host + "]" : value.host;
    return host + ":" + std::to_string(value.port);
}

} // namespace wakegate
