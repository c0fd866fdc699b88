#include "proxy/config/route_section.hpp"

#include "common/configuration_error.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <string_view>

namespace wakegate::proxy {
namespace {

/// A pattern or template that can't be read, or a name in `cluster` that nothing binds.
void reject_malformed(const route& rule, const yaml_map& from) {
    try {
        const compiled_route checked(rule);
    } catch (const configuration_error& bad) {
        // "KEY: reason"; said again with the place in the file.
        const std::string_view complaint = bad.what();
        const auto key = complaint.substr(0, complaint.find(':'));
        const auto reason = complaint.substr(std::min(complaint.size(), key.size() + 2));
        from.fail(key, reason);
    }
}

} // namespace

std::vector<route> read_routes(const yaml_map& from, const proxy_config& made) {
    std::vector<route> routes;
    const auto has_listener = [&made](const std::string& name) {
        const auto is_it = [&name](const listener_config& one) { return one.name == name; };
        return std::any_of(made.listeners.begin(), made.listeners.end(), is_it);
    };
    const auto has_cluster = [&made](const std::string& name) {
        const auto is_it = [&name](const cluster_config& one) { return one.settings.name == name; };
        return std::any_of(made.clusters.begin(), made.clusters.end(), is_it);
    };
    for (const auto& entry : from.maps("routes")) {
        route rule{
            .listener = entry.text("listener", ""),
            .database = entry.text("database", ""),
            .user = entry.text("user", ""),
            .cluster = entry.required_text("cluster"),
        };
        reject_malformed(rule, entry);
        if (!rule.listener.empty() && !has_listener(rule.listener)) {
            entry.fail("listener", fmt::format("'{}' is not one of the listeners", rule.listener));
        }
        const bool is_template = rule.cluster.find('{') != std::string::npos;
        if (!is_template && !has_cluster(rule.cluster)) {
            entry.fail("cluster", fmt::format("'{}' is not one of the clusters", rule.cluster));
        }
        entry.reject_unknown_keys();
        routes.push_back(std::move(rule));
    }
    if (routes.empty() && made.clusters.size() > 1) {
        from.fail("routes", "needed when there are several clusters: which database is whose?");
    }
    if (routes.empty()) {
        routes.push_back({.cluster = made.clusters.front().settings.name});
    }
    return routes;
}

} // namespace wakegate::proxy
