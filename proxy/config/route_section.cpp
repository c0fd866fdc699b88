#include "proxy/config/route_section.hpp"

#include "common/configuration_error.hpp"
#include "proxy/config/plain_name.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <string_view>

namespace wakegate::proxy {
namespace {

/// Rejects a malformed pattern or template, or a name that no pattern binds.
void reject_malformed(const route& rule, const yaml_map& node) {
    try {
        const compiled_route checked(rule);
    } catch (const configuration_error& bad) {
        // "KEY: reason"; add the place in the file.
        const std::string_view complaint = bad.what();
        const auto key = complaint.substr(0, complaint.find(':'));
        const auto reason = complaint.substr(std::min(complaint.size(), key.size() + 2));
        node.fail(key, reason);
    }
}

void check_listener(const route& rule, const yaml_map& node, const proxy_config& config) {
    const auto pattern = name_pattern::parse(rule.listener, name_pattern::style::plain);
    const auto is_it = [&pattern](const listener_config& listener) {
        return pattern.match(listener.name).has_value();
    };
    if (!rule.listener.empty() &&
        std::none_of(config.listeners.begin(), config.listeners.end(), is_it)) {
        node.fail("listener", fmt::format("'{}' is not one of the listeners", rule.listener));
    }
}

void check_cluster(const route& rule, const yaml_map& node, const proxy_config& config) {
    const compiled_route compiled(rule);
    const auto fits = [&compiled](const cluster_config& cluster) {
        return compiled.may_lead_to(cluster.settings.name);
    };
    if (std::any_of(config.clusters.begin(), config.clusters.end(), fits)) {
        return;
    }
    const bool is_template = !name_template::parse(rule.cluster).names().empty();
    node.fail(
        "cluster",
        fmt::format(
            "'{}' is not {} of the clusters", rule.cluster, is_template ? "the name of any" : "one"
        )
    );
}

/// A gate probes one server and admits to that one. If clients could choose among several, a host
/// that is down would look to all of them like a cluster that is.
void check_backend(const route& rule, const yaml_map& node) {
    const auto bound = name_template::parse(rule.cluster).names();
    for (const auto& name : name_template::parse(rule.backend.host).names()) {
        if (std::find(bound.begin(), bound.end(), name) == bound.end()) {
            node.fail(
                "backend",
                fmt::format(
                    "'{}': {{{}}} is not part of cluster: '{}', but each server that a client may "
                    "choose needs a cluster, and with it a gate, of its own",
                    rule.backend.host,
                    name,
                    rule.cluster
                )
            );
        }
    }
}

route read_route(const yaml_map& node, const proxy_config& config) {
    route rule{
        .listener = node.text("listener", ""),
        .sni = node.text("sni", ""),
        .database = truncate_plain_name(node.text("database", "")),
        .user = truncate_plain_name(node.text("user", "")),
        .cluster = node.required_text("cluster"),
        .backend = node.address("backend", host_port()),
        .backend_database = node.text("backend_database", ""),
    };
    reject_malformed(rule, node);
    check_listener(rule, node, config);
    check_cluster(rule, node, config);
    check_backend(rule, node);
    node.reject_unknown_keys();
    return rule;
}

} // namespace

std::vector<route> read_routes(const yaml_map& node, const proxy_config& config) {
    std::vector<route> routes;
    for (const auto& entry : node.maps("routes")) {
        routes.push_back(read_route(entry, config));
    }
    if (routes.empty() && config.clusters.size() > 1) {
        node.fail("routes", "needed when there are several clusters: which database is whose?");
    }
    if (routes.empty()) {
        routes.push_back({.cluster = config.clusters.front().settings.name});
    }
    return routes;
}

} // namespace wakegate::proxy
