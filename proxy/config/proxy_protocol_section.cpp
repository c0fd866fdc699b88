#include "proxy/config/proxy_protocol_section.hpp"

#include <fmt/format.h>

namespace wakegate::proxy {
namespace {

using mode = proxy_protocol_mode;

mode read_mode(const yaml_map& node) {
    const auto name = node.choice("mode", "off", {"off", "optional", "required"});
    return name == "required" ? mode::required : name == "optional" ? mode::optional : mode::off;
}

std::vector<cidr> read_networks(const yaml_map& node, std::string_view key) {
    std::vector<cidr> networks;
    for (const auto& text : node.texts(key)) {
        const auto network = cidr::parse(text);
        if (!network) {
            node.fail(
                key, fmt::format("'{}' is no network; write it like 10.0.0.0/8 or 10.1.2.3", text)
            );
        }
        networks.push_back(*network);
    }
    return networks;
}

} // namespace

proxy_protocol_policy read_proxy_protocol_policy(const yaml_map& node) {
    proxy_protocol_policy policy;
    policy.mode = read_mode(node);
    policy.trusted = read_networks(node, "trusted");
    node.reject_unknown_keys();
    if (!policy.trusted.empty() && !node.has("mode")) {
        node.fail("mode", "needed with trusted: optional or required (or off)");
    }
    if (policy.mode != mode::off && policy.trusted.empty()) {
        node.fail("trusted", "whose headers are believed? write it like [10.0.0.0/8]");
    }
    return policy;
}

} // namespace wakegate::proxy
