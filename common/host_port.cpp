#include "common/host_port.hpp"

#include <fmt/format.h>

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

std::string describe_bad_host_port(std::string_view text) {
    constexpr auto remedy = "write HOST:PORT, like";
    const auto is_port = [](std::string_view digits) {
        return parse_host_port(fmt::format("h:{}", digits)).has_value();
    };
    const auto colon = text.rfind(':');
    const auto last = colon == std::string_view::npos ? text : text.substr(colon + 1);
    const bool is_of_v6 =
        text.find_first_not_of("0123456789abcdefABCDEF:.") == std::string_view::npos;
    if (is_of_v6 && std::count(text.begin(), text.end(), ':') > 1) {
        return fmt::format(
            "'{}': an IPv6 address needs brackets; {} [::1]:{}",
            text,
            remedy,
            is_port(last) ? last : "5432"
        );
    }
    if ((colon == 0 || colon == std::string_view::npos) && is_port(last)) {
        return fmt::format("'{}' has no host; {} 127.0.0.1:{}", text, remedy, last);
    }
    if (parse_host_port(fmt::format("{}:5432", text))) {
        return fmt::format("'{}' has no port; {} {}:5432", text, remedy, text);
    }
    if (parse_host_port(fmt::format("{}:5432", text.substr(0, colon)))) {
        return fmt::format(
            "'{}': '{}' is no port, which is a number from 1 to 65535; {} {}:5432",
            text,
            last,
            remedy,
            text.substr(0, colon)
        );
    }
    return fmt::format("'{}' is not HOST:PORT; {} 127.0.0.1:5432", text, remedy);
}

std::string to_string(const host_port& value) {
    const bool is_v6 = value.host.find(':') != std::string::npos;
    const auto host = is_v6 ? "[" + value.host + "]" : value.host;
    return host + ":" + std::to_string(value.port);
}

} // namespace wakegate
