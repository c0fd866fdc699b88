#include "proxy/config/proxy_protocol_section.hpp"

#include <fmt/format.h>

namespace wakegate::proxy {
namespace {

using mode = proxy_protocol_policy::mode;

mode read_mode(const yaml_map& from) {
    const auto name = from.choice("mode", "off", {"off", "optional", "required"});
    return name == "required" ? mode::required : name == "optional" ? mode::optional : mode::off;
}

std::vector<cidr> read_networks(const yaml_map& from, std::string_view key) {
    std::vector<cidr> networks;
    for (const auto& text : from.texts(key)) {
        const auto network = cidr::parse(text);
        if (!network) {
            from.fail(
                key, fmt::format("'{}' is no network; write it like 10.0.0.0/8 or 10.1.2.3", text)
            );
        }
        networks.push_back(*network);
    }
    return networks;
}

} // namespace

proxy_protocol_policy read_proxy_protocol_policy(const yaml_map& from) {
    proxy_protocol_policy made;
    made.policy = read_mode(from);
    made.trusted = read_networks(from, "trusted");
    from.reject_unknown_keys();
    if (!made.trusted.empty() && !from.has("mode")) {
        from.fail("mode", "needed with trusted: optional or required (or off)");
    }
    if (made.policy != mode::off && made.trusted.empty()) {
        from.fail("trusted", "whose headers are believed? write it like [10.0.0.0/8]");
    }
    return made;
}

} // namespace wakegate::proxy
