#include "proxy/config/cluster_section.hpp"

#include "proxy/config/backend_tls_section.hpp"
#include "proxy/config/catch_all.hpp"
#include "proxy/config/limits.hpp"
#include "proxy/config/password_file.hpp"
#include "proxy/config/tcp_section.hpp"
#include "proxy/config/verifiers_section.hpp"
#include "proxy/config/wake_section.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <string_view>

namespace wakegate::proxy {
namespace {

probe_settings read_probe(const yaml_map& node, const host_port& backend, gate_settings& gate) {
    const milliseconds at_least_1ms(1);
    probe_settings probe;
    probe.address = node.address("address", backend);
    gate.probe_interval = node.period("interval", gate.probe_interval, at_least_1ms);
    gate.probe_slow_interval = node.period("slow_interval", gate.probe_slow_interval, at_least_1ms);
    gate.probe_ready_interval = node.period("ready_interval", gate.probe_ready_interval);
    probe.timeout = node.period("timeout", probe.timeout, at_least_1ms);
    probe.user = node.text("user", "");
    probe.password_file = read_password_file_key(node);
    probe.database = node.text("database", probe.database);
    probe.ready_query = node.text("ready_query", "");
    probe.system_identifier = node.text("system_identifier", "");
    for (const auto* const needs_login : {"ready_query", "system_identifier", "password_file"}) {
        if (node.has(needs_login) && probe.user.empty()) {
            node.fail(needs_login, "needs a login; give probe.user as well");
        }
    }
    node.reject_unknown_keys();
    return probe;
}

std::vector<hold_timeout_override> read_hold_timeouts(const yaml_map& node) {
    std::vector<hold_timeout_override> overrides;
    for (const auto& entry : node.maps("hold_timeouts")) {
        if (!overrides.empty() && is_catch_all(overrides.back().application_name)) {
            entry.warn("", "no client gets here: the entry in front fits every one; put that last");
        }
        const auto hold_timeout = entry.required_period("hold_timeout");
        overrides.push_back({
            .application_name = entry.required_text("application_name"),
            .hold_timeout = hold_timeout,
        });
        entry.reject_unknown_keys();
    }
    return overrides;
}

/// What pools and drivers send: most of them; Sequel and Npgsql up to 5; Druid and c3p0; the guides
/// of Tomcat and DBCP.
const std::vector<std::string> default_pings = {
    "SELECT 1", "SELECT NULL", "SELECT 'x'", "SELECT version()"
};

wire::ping_texts read_pings(const yaml_map& node) {
    constexpr std::string_view key = "pings";
    wire::ping_texts pings;
    for (const auto& text : node.texts(key, default_pings)) {
        if (!pings.add(text)) {
            constexpr auto reason =
                "'{}' can't be compared; give a statement of at most {} bytes without dollar signs "
                "and backslashes (blank ones are pings anyway)";
            node.fail(key, fmt::format(reason, text, wire::ping_texts::max_size));
        }
    }
    return pings;
}

gate_settings read_gate(const yaml_map& node) {
    gate_settings gate;
    gate.wake_grace = node.period("wake_grace", gate.wake_grace);
    gate.max_waiting = node.number("max_waiting", gate.max_waiting, 1, max_client_count);
    gate.max_connections = node.optional_number("max_connections", 1, max_client_count);
    gate.connection_headroom =
        node.number("connection_headroom", gate.connection_headroom, 0, max_client_count);
    gate.refuse_when_full = node.choice("when_full", "wait", {"wait", "refuse"}) == "refuse";
    gate.release_batch = node.number("release_batch", gate.release_batch, 1, max_client_count);
    return gate;
}

std::vector<std::string>
read_reserved_roles(const yaml_map& node, const gate_settings& gate, const probe_settings& probe) {
    constexpr auto key = "reserved_roles";
    auto patterns = node.texts(key);
    if (!patterns.empty() && gate.max_connections) {
        node.fail(key, "max_connections bounds every role; leave one of the two out");
    }
    if (!patterns.empty() && probe.user.empty()) {
        node.fail(key, "what the server reserves is learned by a login; give probe.user as well");
    }
    return patterns;
}

backend_endpoint read_endpoint(const std::string& cluster, const yaml_map& node) {
    const milliseconds at_least_1ms(1);
    backend_endpoint endpoint;
    endpoint.cluster = cluster;
    endpoint.backend = node.required_address("backend");
    endpoint.tcp = read_tcp_timeouts(node.map("tcp"));
    endpoint.connect_timeout =
        node.period("connect_timeout", endpoint.connect_timeout, at_least_1ms);
    endpoint.login_timeout = node.period("login_timeout", endpoint.login_timeout, at_least_1ms);
    endpoint.send_proxy_header = node.choice("proxy_protocol", "none", {"none", "v2"}) == "v2";
    return endpoint;
}

} // namespace

cluster_config read_cluster(const std::string& name, const yaml_map& node) {
    cluster_config config;
    auto& settings = config.settings;
    settings.name = name;
    settings.endpoint = read_endpoint(name, node);
    settings.hold_timeout = node.period("hold_timeout", settings.hold_timeout);
    if (settings.hold_timeout == milliseconds(0)) {
        node.warn(
            "hold_timeout",
            "0s holds nobody: who wakes the cluster is refused at once; give the time a wake may "
            "take, like 60s"
        );
    }
    settings.hold_timeouts = read_hold_timeouts(node);
    settings.notice_after = node.period("notice_after", settings.notice_after);
    settings.wake = read_wake_rules(node);
    settings.max_clients = node.optional_number("max_clients", 1, max_client_count);
    settings.max_clients_per_role =
        node.optional_number("max_clients_per_role", 1, max_client_count);
    settings.count_idle_sessions =
        node.choice("idle_sessions", "ignore", {"ignore", "count"}) == "count";
    settings.count_listening_sessions =
        node.choice("listening_sessions", "ignore", {"ignore", "count"}) == "count";
    settings.pings = read_pings(node);
    config.gate = read_gate(node);
    config.backend_tls = read_backend_tls(node.map("backend_tls"));
    config.probe = read_probe(node.map("probe"), settings.endpoint.backend, config.gate);
    config.probe.tls = config.backend_tls;
    settings.reserved_roles = read_reserved_roles(node, config.gate, config.probe);
    if (settings.endpoint.send_proxy_header && config.probe.address == settings.endpoint.backend) {
        node.fail(
            "proxy_protocol",
            "the probe sends no header; give probe.address, where the server answers without one"
        );
    }
    config.verifiers = read_verifiers(node, config.probe);
    if (settings.endpoint.send_proxy_header && config.verifiers && config.verifiers->query &&
        config.verifiers->query->address == settings.endpoint.backend) {
        node.fail(
            "proxy_protocol",
            "auth_query sends no header; give auth_query.address, or leave it to probe.address"
        );
    }
    settings.roles = config.verifiers ? config.verifiers->roles : nullptr;
    node.reject_unknown_keys();
    return config;
}

} // namespace wakegate::proxy
