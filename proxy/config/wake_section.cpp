#include "proxy/config/wake_section.hpp"

#include "proxy/config/catch_all.hpp"
#include "proxy/config/plain_name.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

namespace wakegate::proxy {
namespace {

wake_class read_class(const yaml_map& node) {
    // Required: every default would surprise somebody.
    const auto class_name = node.required_choice("class", {"always", "defer", "never"});
    return class_name == "always"  ? wake_class::always
           : class_name == "defer" ? wake_class::defer
                                   : wake_class::never;
}

std::vector<cidr> read_networks(const yaml_map& node) {
    constexpr std::string_view key = "networks";
    std::vector<cidr> networks;
    for (const auto& text : node.texts(key)) {
        const auto network = cidr::parse(text);
        if (!network) {
            node.fail(key, fmt::format("'{}' is not a network; write it like 10.1.0.0/16", text));
        }
        networks.push_back(*network);
    }
    return networks;
}

bool fits_every_client(const wake_rule& rule) {
    const auto is_whole = [](const cidr& network) { return network.text().ends_with("/0"); };
    const auto families = std::ranges::count_if(rule.networks, is_whole);
    return is_catch_all(rule.role) && is_catch_all(rule.application_name) &&
           (rule.networks.empty() || families > 1);
}

/// A rule that fits every client makes the rest of the list useless; and if no client before it may
/// wake the cluster, none may.
void warn_of_catch_all(const std::vector<yaml_map>& entries, const std::vector<wake_rule>& rules) {
    const auto decisive = std::ranges::find_if(rules, fits_every_client);
    if (decisive == rules.end()) {
        return;
    }
    const auto& entry = entries[static_cast<std::size_t>(decisive - rules.begin())];
    const bool wakes = std::any_of(rules.begin(), decisive + 1, [](const wake_rule& rule) {
        return may_wake(rule.result);
    });
    if (!wakes) {
        entry.warn(
            "",
            "fits every client, so none can wake the cluster; name a role, application_name or "
            "networks, or put a rule with class: always in front"
        );
    } else if (decisive + 1 != rules.end()) {
        entry.warn("", "fits every client, so the rules behind it have no effect; put it last");
    }
}

} // namespace

wake_rules read_wake_rules(const yaml_map& node) {
    std::vector<wake_rule> rules;
    const auto entries = node.maps("wake");
    for (const auto& entry : entries) {
        rules.push_back({
            .role = truncate_plain_name(entry.text("role", "")),
            .application_name = entry.text("application_name", ""),
            .networks = read_networks(entry),
            .result = read_class(entry),
        });
        entry.reject_unknown_keys();
    }
    warn_of_catch_all(entries, rules);
    return wake_rules(std::move(rules));
}

} // namespace wakegate::proxy
