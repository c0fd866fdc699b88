#include "proxy/config/route_tls_checks.hpp"

#include "proxy/route/name_pattern.hpp"
#include "proxy/tls/server_context.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string>

namespace wakegate::proxy {
namespace {

bool may_stand_for(const std::string& pattern, const std::string& name) {
    return name_pattern::parse(pattern, name_pattern::style::plain).match(name).has_value();
}

bool leads(const proxy_config& config, const listener_config& in, const std::string& cluster) {
    return std::any_of(config.routes.begin(), config.routes.end(), [&](const route& rule) {
        const bool begins = rule.listener.empty() || may_stand_for(rule.listener, in.name);
        return begins && may_stand_for(rule.cluster, cluster);
    });
}

/// Both legs have TLS, with different certificates. With `auth: passthrough` client and server do
/// the login themselves, and a client with channel binding (SCRAM-SHA-256-PLUS, every libpq's
/// choice over TLS) binds it to the gate's certificate: to the server that is an attack.
bool breaks_channel_binding(const listener_config& in, const cluster_config& out) {
    const bool has_tls = in.tls.terminates() && out.backend_tls.uses_tls();
    if (!has_tls || out.settings.roles != nullptr) {
        return false;
    }
    const auto shown = tls::server_context(in.tls).fingerprints();
    return std::any_of(shown.begin(), shown.end(), [&out](const std::string& each) {
        return each != out.backend_tls.pin;
    });
}

[[noreturn]] void refuse_unproved_wakes(const yaml_map& section, const std::string& listener) {
    section.fail(
        "auth",
        fmt::format(
            "scram can't be had behind listener '{}', which passes TLS through unopened: whoever "
            "comes by it would wake the cluster without a proof; route it elsewhere",
            listener
        )
    );
}

[[noreturn]] void refuse_unbindable_logins(const yaml_map& section, const std::string& listener) {
    section.fail(
        "backend_tls",
        fmt::format(
            "with auth: passthrough not behind listener '{}', which has tls as well: clients that "
            "bind their login to its certificate (SCRAM-SHA-256-PLUS) would be refused; use auth: "
            "scram, or pin the listener's own certificate",
            listener
        )
    );
}

} // namespace

void check_route_tls(const yaml_map& node, const proxy_config& config) {
    const auto sections = node.named_maps("clusters");
    for (const auto& cluster : config.clusters) {
        const auto& name = cluster.settings.name;
        const auto section = std::find_if(sections.begin(), sections.end(), [&](const auto& each) {
            return each.first == name;
        });
        for (const auto& listener : config.listeners) {
            if (!leads(config, listener, name)) {
                continue;
            }
            const bool is_unopened = listener.tls.mode == tls::listener_mode::passthrough;
            if (is_unopened && cluster.settings.roles != nullptr) {
                refuse_unproved_wakes(section->second, listener.name);
            }
            if (breaks_channel_binding(listener, cluster)) {
                refuse_unbindable_logins(section->second, listener.name);
            }
        }
    }
}

} // namespace wakegate::proxy
