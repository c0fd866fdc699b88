#include "proxy/config/wake_section.hpp"

#include "proxy/config/plain_name.hpp"

#include <fmt/format.h>

#include <string_view>
#include <utility>
#include <vector>

namespace wakegate::proxy {
namespace {

wake_class read_class(const yaml_map& from) {
    constexpr std::string_view key = "class";
    // There is no default that would not surprise somebody.
    [[maybe_unused]] const auto must_be_there = from.required_text(key);
    const auto given = from.choice(key, "", {"always", "defer", "never"});
    return given == "always"  ? wake_class::always
           : given == "defer" ? wake_class::defer
                              : wake_class::never;
}

std::vector<cidr> read_networks(const yaml_map& from) {
    constexpr std::string_view key = "networks";
    std::vector<cidr> networks;
    for (const auto& text : from.texts(key)) {
        const auto network = cidr::parse(text);
        if (!network) {
            from.fail(key, fmt::format("'{}' is not a network; write it like 10.1.0.0/16", text));
        }
        networks.push_back(*network);
    }
    return networks;
}

} // namespace

wake_rules read_wake_rules(const yaml_map& from) {
    std::vector<wake_rule> rules;
    for (const auto& entry : from.maps("wake")) {
        rules.push_back({
            .role = cut_plain_name(entry.text("role", "")),
            .application_name = entry.text("application_name", ""),
            .networks = read_networks(entry),
            .gives = read_class(entry),
        });
        entry.reject_unknown_keys();
    }
    return wake_rules(std::move(rules));
}

} // namespace wakegate::proxy
