#include "proxy/config/proxy_name.hpp"

#include <algorithm>
#include <array>

#include <unistd.h>

namespace wakegate::proxy {
namespace {

constexpr std::size_t longest_name = 64; // HOST_NAME_MAX of Linux

bool is_allowed(char c) noexcept {
    const bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    const bool is_digit = c >= '0' && c <= '9';
    return is_letter || is_digit || c == '.' || c == '-' || c == '_';
}

std::string host_name() {
    std::array<char, longest_name + 1> host{};
    ::gethostname(host.data(), host.size() - 1);
    return is_proxy_name(host.data()) ? host.data() : "proxy";
}

} // namespace

bool is_proxy_name(std::string_view text) noexcept {
    return !text.empty() && text.size() <= longest_name &&
           std::all_of(text.begin(), text.end(), is_allowed);
}

std::string read_proxy_name(const yaml_map& node) {
    if (!node.has("name")) {
        return host_name();
    }
    auto name = node.required_text("name");
    if (!is_proxy_name(name)) {
        node.fail("name", "must be 1 to 64 letters, digits, '.', '-' and '_', such as gate-a");
    }
    return name;
}

} // namespace wakegate::proxy
