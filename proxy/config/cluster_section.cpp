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
#include <array>
#include <string>
#include <string_view>

namespace wakegate::proxy {
namespace {

probe_settings read_probe(const yaml_map& from, const host_port& backend, gate_settings& gate) {
    const milliseconds at_least_1ms(1);
    probe_settings probe;
    probe.address = from.address("address", backend);
    gate.probe_interval = from.period("interval", gate.probe_interval, at_least_1ms);
    gate.probe_slow_interval = from.period("slow_interval", gate.probe_slow_interval, at_least_1ms);
    gate.probe_ready_interval = from.period("ready_interval", gate.probe_ready_interval);
    probe.timeout = from.period("timeout", probe.timeout, at_least_1ms);
    probe.user = from.text("user", "");
    probe.password_file = read_password_file_key(from);
    probe.database = from.text("database", probe.database);
    probe.ready_query = from.text("ready_query", "");
    probe.system_identifier = from.text("system_identifier", "");
    for (const auto* const needs_login : {"ready_query", "system_identifier", "password_file"}) {
        if (from.has(needs_login) && probe.user.empty()) {
            from.fail(needs_login, "needs a login; give probe.user as well");
        }
    }
    from.reject_unknown_keys();
    return probe;
}

std::vector<hold_timeout_override> read_hold_overrides(const yaml_map& from) {
    std::vector<hold_timeout_override> overrides;
    for (const auto& entry : from.maps("hold_timeouts")) {
        if (!overrides.empty() && is_catch_all(overrides.back().application_name)) {
            entry.warn("", "no client gets here: the entry in front fits every one; put that last");
        }
        if (!entry.has("hold_timeout")) {
            entry.fail("hold_timeout", "required, but missing or empty");
        }
        overrides.push_back({
            .application_name = entry.required_text("application_name"),
            .hold_timeout = entry.period("hold_timeout", milliseconds(0)),
        });
        entry.reject_unknown_keys();
    }
    return overrides;
}

/// What pools and drivers are known to send: most of them; Sequel and Npgsql up to 5; Druid and
/// c3p0; Tomcat's and DBCP's guides.
constexpr std::array default_pings{"SELECT 1", "SELECT NULL", "SELECT 'x'", "SELECT version()"};

wire::ping_texts read_pings(const yaml_map& from) {
    constexpr std::string_view key = "pings";
    wire::ping_texts pings;
    const auto add = [&](const std::string& text) {
        if (!pings.add(text)) {
            constexpr auto reason =
                "'{}' can't be compared; give a statement of at most {} bytes without dollar signs "
                "and backslashes (blank ones are pings anyway)";
            from.fail(key, fmt::format(reason, text, wire::ping_texts::max_size));
        }
    };
    if (from.has(key)) {
        std::ranges::for_each(from.texts(key), add);
    } else {
        std::ranges::for_each(default_pings, add);
    }
    return pings;
}

gate_settings read_gate(const yaml_map& from) {
    gate_settings gate;
    gate.wake_grace = from.period("wake_grace", gate.wake_grace);
    gate.max_waiting = from.number("max_waiting", gate.max_waiting, 1, max_client_count);
    gate.max_connections = read_limit(from, "max_connections");
    gate.connection_headroom =
        from.number("connection_headroom", gate.connection_headroom, 0, max_client_count);
    gate.refuse_when_full = from.choice("when_full", "wait", {"wait", "refuse"}) == "refuse";
    gate.release_batch = from.number("release_batch", gate.release_batch, 1, max_client_count);
    return gate;
}

std::vector<std::string>
read_reserved_roles(const yaml_map& from, const gate_settings& gate, const probe_settings& probe) {
    constexpr auto key = "reserved_roles";
    auto patterns = from.texts(key);
    if (!patterns.empty() && gate.max_connections) {
        from.fail(key, "max_connections bounds every role; leave one of the two out");
    }
    if (!patterns.empty() && probe.user.empty()) {
        from.fail(key, "what the server reserves is learned by a login; give probe.user as well");
    }
    return patterns;
}

} // namespace

cluster_config read_cluster(const std::string& name, const yaml_map& from) {
    const milliseconds at_least_1ms(1);
    cluster_config made;
    auto& settings = made.settings;
    settings.name = name;
    settings.endpoint.cluster = name;
    settings.endpoint.backend = from.required_address("backend");
    settings.endpoint.tcp = read_tcp_timeouts(from.map("tcp"));
    settings.endpoint.connect_timeout =
        from.period("connect_timeout", settings.endpoint.connect_timeout, at_least_1ms);
    settings.endpoint.login_timeout =
        from.period("login_timeout", settings.endpoint.login_timeout, at_least_1ms);
    settings.hold_timeout = from.period("hold_timeout", settings.hold_timeout);
    if (settings.hold_timeout == milliseconds(0)) {
        from.warn(
            "hold_timeout",
            "0s holds nobody: who wakes the cluster is refused at once; give the time a wake may "
            "take, like 60s"
        );
    }
    settings.hold_timeouts = read_hold_overrides(from);
    settings.notice_after = from.period("notice_after", settings.notice_after);
    settings.wake = read_wake_rules(from);
    settings.max_clients = read_limit(from, "max_clients");
    settings.max_clients_per_role = read_limit(from, "max_clients_per_role");
    settings.idle_counts = from.choice("idle_sessions", "ignore", {"ignore", "count"}) == "count";
    settings.count_listening_sessions =
        from.choice("listening_sessions", "ignore", {"ignore", "count"}) == "count";
    settings.pings = read_pings(from);
    made.gate = read_gate(from);
    made.backend_tls = read_backend_tls(from.map("backend_tls"));
    made.probe = read_probe(from.map("probe"), settings.endpoint.backend, made.gate);
    made.probe.tls = made.backend_tls;
    settings.reserved_roles = read_reserved_roles(from, made.gate, made.probe);
    settings.endpoint.send_proxy_header =
        from.choice("proxy_protocol", "none", {"none", "v2"}) == "v2";
    if (settings.endpoint.send_proxy_header && made.probe.address == settings.endpoint.backend) {
        from.fail(
            "proxy_protocol",
            "the probe sends no header; give probe.address, where the server answers without one"
        );
    }
    made.verifiers = read_verifiers(from, made.probe);
    if (settings.endpoint.send_proxy_header && made.verifiers && made.verifiers->query &&
        made.verifiers->query->address == settings.endpoint.backend) {
        from.fail(
            "proxy_protocol",
            "auth_query sends no header; give auth_query.address, or leave it to probe.address"
        );
    }
    settings.roles = made.verifiers ? made.verifiers->roles : nullptr;
    from.reject_unknown_keys();
    return made;
}

} // namespace wakegate::proxy
