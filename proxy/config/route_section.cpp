#include "proxy/config/route_section.hpp"

#include "common/configuration_error.hpp"
#include "proxy/config/plain_name.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <string_view>

namespace wakegate::proxy {
namespace {

/// A pattern or template that can't be read, or a name in one that nothing binds.
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

void check_listener(const route& rule, const yaml_map& from, const proxy_config& made) {
    const auto pattern = name_pattern::parse(rule.listener, name_pattern::style::plain);
    const auto is_it = [&pattern](const listener_config& one) {
        return pattern.match(one.name).has_value();
    };
    if (!rule.listener.empty() &&
        std::none_of(made.listeners.begin(), made.listeners.end(), is_it)) {
        from.fail("listener", fmt::format("'{}' is not one of the listeners", rule.listener));
    }
}

void check_cluster(const route& rule, const yaml_map& from, const proxy_config& made) {
    const compiled_route compiled(rule);
    const auto fits = [&compiled](const cluster_config& one) {
        return compiled.may_lead_to(one.settings.name);
    };
    if (std::any_of(made.clusters.begin(), made.clusters.end(), fits)) {
        return;
    }
    const bool is_template = !name_template::parse(rule.cluster).names().empty();
    from.fail(
        "cluster",
        fmt::format(
            "'{}' is not {} of the clusters", rule.cluster, is_template ? "the name of any" : "one"
        )
    );
}

/// A gate watches one server and admits to that. If clients could choose among several behind it, a
/// host that is not there would look to all of them as if the cluster had gone.
void check_backend(const route& rule, const yaml_map& from) {
    const auto bound = name_template::parse(rule.cluster).names();
    for (const auto& name : name_template::parse(rule.backend.host).names()) {
        if (std::find(bound.begin(), bound.end(), name) == bound.end()) {
            from.fail(
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

route read_route(const yaml_map& from, const proxy_config& made) {
    route rule{
        .listener = from.text("listener", ""),
        .sni = from.text("sni", ""),
        .database = truncate_plain_name(from.text("database", "")),
        .user = truncate_plain_name(from.text("user", "")),
        .cluster = from.required_text("cluster"),
        .backend = from.address("backend", host_port()),
        .backend_database = from.text("backend_database", ""),
    };
    reject_malformed(rule, from);
    check_listener(rule, from, made);
    check_cluster(rule, from, made);
    check_backend(rule, from);
    from.reject_unknown_keys();
    return rule;
}

} // namespace

std::vector<route> read_routes(const yaml_map& from, const proxy_config& made) {
    std::vector<route> routes;
    for (const auto& entry : from.maps("routes")) {
        routes.push_back(read_route(entry, made));
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
