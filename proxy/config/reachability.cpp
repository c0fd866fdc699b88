#include "proxy/config/reachability.hpp"

#include "common/own_listener.hpp"
#include "proxy/config/catch_all.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <string_view>

namespace wakegate::proxy {
namespace {

void reject_own_listener(
    const yaml_map& section,
    std::string_view key,
    const host_port& server,
    const proxy_config& config
) {
    for (const auto& listener : config.listeners) {
        if (is_own_listener(server, listener.address)) {
            section.fail(
                key,
                fmt::format(
                    "{} is this proxy's own listener '{}', and what goes there would come back "
                    "without end; give the address of the server",
                    to_string(server),
                    listener.name
                )
            );
        }
    }
}

void check_servers(const yaml_map& node, const proxy_config& config) {
    for (const auto& [name, section] : node.named_maps("clusters")) {
        reject_own_listener(section, "backend", section.required_address("backend"), config);
        for (const auto* const part : {"probe", "auth_query"}) {
            const auto inner = section.map(part);
            if (inner.has("address")) {
                reject_own_listener(inner, "address", inner.required_address("address"), config);
            }
        }
    }
    for (const auto& section : node.maps("routes")) {
        if (section.has("backend")) {
            reject_own_listener(section, "backend", section.required_address("backend"), config);
        }
    }
}

bool fits_every_client(const route& rule) {
    return is_catch_all(rule.listener) && is_catch_all(rule.sni) && is_catch_all(rule.database) &&
           is_catch_all(rule.user);
}

void warn_of_hidden_routes(const yaml_map& node, const proxy_config& config) {
    const auto decisive = std::ranges::find_if(config.routes, fits_every_client);
    const auto sections = node.maps("routes");
    const auto next = static_cast<std::size_t>(decisive - config.routes.begin()) + 1;
    if (next < sections.size()) {
        sections[next].warn(
            "",
            fmt::format(
                "no client gets here: routes[{}] fits every one; put that one last", next - 1
            )
        );
    }
}

void warn_of_unused_clusters(const yaml_map& node, const proxy_config& config) {
    const auto sections = node.named_maps("clusters");
    for (const auto& [name, section] : sections) {
        const auto leads = [&name](const route& rule) {
            return compiled_route(rule).may_lead_to(name);
        };
        if (std::ranges::none_of(config.routes, leads)) {
            section.warn("", "no route leads to it; add one to routes, or remove the cluster");
        }
    }
}

} // namespace

void check_reachability(const yaml_map& node, const proxy_config& config) {
    check_servers(node, config);
    warn_of_hidden_routes(node, config);
    warn_of_unused_clusters(node, config);
}

} // namespace wakegate::proxy
