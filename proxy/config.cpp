#include "proxy/config.hpp"

#include "common/configuration_error.hpp"
#include "common/yaml_map.hpp"
#include "proxy/auth/secret_directory.hpp"
#include "proxy/session/randomness.hpp"
#include "proxy/tls_config.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <limits>
#include <thread>

namespace wakegate::proxy {
namespace {

constexpr std::uint64_t most_clients = 1'000'000;

std::string read_secret(const yaml_map& from, std::string_view key) {
    const auto path = from.text(key, "");
    if (path.empty()) {
        return {};
    }
    std::ifstream file(path);
    std::string secret;
    if (!file || !std::getline(file, secret)) {
        from.fail(
            key, fmt::format("'{}' can't be read; it must hold the password in one line", path)
        );
    }
    return secret;
}

probe_settings read_probe(const yaml_map& from, const host_port& backend, gate_settings& gate) {
    const milliseconds at_least_1ms(1);
    probe_settings probe;
    probe.address = from.address("address", backend);
    gate.probe_interval = from.period("interval", gate.probe_interval, at_least_1ms);
    gate.probe_slow_interval = from.period("slow_interval", gate.probe_slow_interval, at_least_1ms);
    gate.probe_ready_interval = from.period("ready_interval", gate.probe_ready_interval);
    probe.timeout = from.period("timeout", probe.timeout, at_least_1ms);
    probe.user = from.text("user", "");
    probe.password = read_secret(from, "password_file");
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

std::vector<hold_override> read_hold_overrides(const yaml_map& from) {
    std::vector<hold_override> overrides;
    for (const auto& entry : from.maps("hold_timeouts")) {
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

gate_settings read_gate(const yaml_map& from) {
    gate_settings gate;
    gate.wake_grace = from.period("wake_grace", gate.wake_grace);
    gate.max_waiting = from.number("max_waiting", gate.max_waiting, 1, most_clients);
    if (from.has("max_connections")) {
        gate.max_connections = from.number("max_connections", 1, 1, most_clients);
    }
    gate.connection_headroom =
        from.number("connection_headroom", gate.connection_headroom, 0, most_clients);
    gate.release_batch = from.number("release_batch", gate.release_batch, 1, most_clients);
    return gate;
}

/// Null for passthrough.
std::shared_ptr<const auth::role_book> read_roles(const yaml_map& from) {
    const bool is_scram = from.choice("auth", "passthrough", {"passthrough", "scram"}) == "scram";
    const auto userlist = from.text("userlist", "");
    const auto directory = from.text("secret_directory", "");
    if (!is_scram) {
        for (const auto* const key : {"userlist", "secret_directory"}) {
            if (from.has(key)) {
                from.fail(key, "is read with auth: scram only");
            }
        }
        return nullptr;
    }
    if (userlist.empty() == directory.empty()) {
        from.fail("auth", "scram needs either userlist: FILE or secret_directory: DIRECTORY");
    }
    const auto secrets =
        userlist.empty() ? auth::load_secret_directory(directory) : auth::load_userlist(userlist);
    return std::make_shared<auth::role_book>(secrets, [] {
        return random_bytes(auth::scram_verifier::default_salt_size);
    });
}

cluster_config read_cluster(const std::string& name, const yaml_map& from) {
    const milliseconds at_least_1ms(1);
    cluster_config made;
    auto& settings = made.settings;
    settings.name = name;
    settings.backend = from.required_address("backend");
    settings.connect_timeout =
        from.period("connect_timeout", settings.connect_timeout, at_least_1ms);
    settings.login_timeout = from.period("login_timeout", settings.login_timeout, at_least_1ms);
    settings.hold_timeout = from.period("hold_timeout", settings.hold_timeout);
    settings.hold_overrides = read_hold_overrides(from);
    settings.roles = read_roles(from);
    settings.notice_after = from.period("notice_after", settings.notice_after);
    settings.idle_counts = from.choice("idle_sessions", "ignore", {"ignore", "count"}) == "count";
    settings.listening_counts =
        from.choice("listening_sessions", "ignore", {"ignore", "count"}) == "count";
    made.gate = read_gate(from);
    made.probe = read_probe(from.map("probe"), settings.backend, made.gate);
    from.reject_unknown_keys();
    return made;
}

void read_clusters(const yaml_map& from, proxy_config& made) {
    for (const auto& [name, entry] : from.named_maps("clusters")) {
        made.clusters.push_back(read_cluster(name, entry));
    }
    if (made.clusters.empty()) {
        from.fail("clusters", "at least one is needed: clusters: {NAME: {backend: HOST:PORT}}");
    }
}

void read_listeners(const yaml_map& from, proxy_config& made) {
    for (const auto& [name, entry] : from.named_maps("listeners")) {
        made.listeners.push_back({
            .name = name,
            .address = entry.required_address("address"),
            .tls = read_listener_tls(entry.map("tls")),
        });
        entry.reject_unknown_keys();
    }
    if (made.listeners.empty()) {
        from.fail("listeners", "at least one is needed: listeners: {NAME: {address: HOST:PORT}}");
    }
}

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

void read_routes(const yaml_map& from, proxy_config& made) {
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
        made.routes.push_back(std::move(rule));
    }
    if (made.routes.empty() && made.clusters.size() > 1) {
        from.fail("routes", "needed when there are several clusters: which database is whose?");
    }
    if (made.routes.empty()) {
        made.routes.push_back({.cluster = made.clusters.front().settings.name});
    }
}

void read_log(const yaml_map& from, proxy_config& made) {
    const auto format = from.choice("format", "text", {"text", "json"});
    const auto level = from.choice("level", "info", {"debug", "info", "warning", "error"});
    made.log_format = format == "json" ? log::format::json : log::format::text;
    made.log_level = level == "debug"     ? log::level::debug
                     : level == "warning" ? log::level::warning
                     : level == "error"   ? log::level::error
                                          : log::level::info;
    from.reject_unknown_keys();
}

} // namespace

proxy_config load_proxy_config(const std::string& path) {
    const auto from = yaml_map::load_file(path);
    const milliseconds at_least_1s(1'000);
    proxy_config made;
    read_listeners(from, made);
    made.scalers = from.addresses("scalers");
    const auto admin = from.map("admin");
    if (from.has("admin")) {
        made.admin = admin.required_address("address");
    }
    admin.reject_unknown_keys();
    read_log(from.map("log"), made);
    const auto processors = std::max(1U, std::thread::hardware_concurrency());
    made.threads = from.number("threads", processors, 1, 256);
    made.max_waiting = from.number("max_waiting", made.max_waiting, 1, most_clients);
    made.startup_timeout = from.period("startup_timeout", made.startup_timeout, milliseconds(1));
    made.authentication_timeout =
        from.period("authentication_timeout", made.authentication_timeout, milliseconds(1));
    made.tls_timeout = from.period("tls_timeout", made.tls_timeout, milliseconds(1));
    made.drain_timeout = from.period("drain_timeout", made.drain_timeout);
    made.lease = from.period("lease", made.lease, at_least_1s);
    read_clusters(from, made);
    read_routes(from, made);
    from.reject_unknown_keys();
    return made;
}

const std::string_view proxy_config_reference =
    R"(listeners:                       required: where clients connect
  NAME:
    address: HOST:PORT           required
    tls:
      mode: off                  off | optional | required: then 28000 for those who come without
      certificate: (none)        PEM FILE: the server's first, then its issuers
      key: (none)                PEM FILE, without a passphrase
      directory: (none)          instead of both: tls.crt and tls.key in it or in subdirectories
      client_ca: (none)          PEM FILE: clients must show a certificate signed by one of these
scalers: []                      [HOST:PORT]; each address a name has is one replica
admin: {address: HOST:PORT}      /metrics /healthz /readyz; absent: none
log:
  format: text                   text | json
  level: info                    debug | info | warning | error
threads: (processors)            workers; each has one front and one relay thread
max_waiting: 10000               held clients, all clusters together; beyond: 53300
startup_timeout: 10s             from accept to the startup message; again after a TLS handshake
tls_timeout: 10s                 for a client's TLS handshake
authentication_timeout: 10s      with auth: scram, from the startup message to the proof
drain_timeout: 30s               after SIGTERM, how long sessions may finish; a second one: now
lease: 15s                       how long scalers believe this proxy without news
clusters:                        required
  NAME:                          as in the trigger's metadata
    backend: HOST:PORT           required: where sessions go
    auth: passthrough            passthrough | scram: clients prove themselves before they wake it
    userlist: (none)             scram: a file as PgBouncer's auth_file
    secret_directory: (none)     scram: or one file for each role, as a mounted Secret has them
    notice_after: 2s             scram: when held clients are told why they wait; 0s: never
    connect_timeout: 1s
    login_timeout: 10s           to the server's first answer to the startup message
    hold_timeout: 60s            how long a client waits for the cluster; then 57P03
    hold_timeouts: []            [{application_name: PATTERN, hold_timeout: 4s}]; the first to fit
    wake_grace: 60s              how long a wake goes on when nobody waits any more
    max_waiting: 5000            held clients of this cluster; beyond: 53300
    max_connections: (learned)   backend sessions; learned with probe.user, else unbounded
    connection_headroom: 5       kept free below the learned number
    release_batch: 64            logins under way at one time
    idle_sessions: ignore        ignore | count: do idle sessions keep the cluster awake?
    listening_sessions: ignore   ignore | count: do sessions that ran LISTEN?
    probe:
      address: (backend)         what is asked for readiness
      interval: 10ms             while waking: 2 % of the time it took so far, but at least this
      slow_interval: 200ms       ... and at most this
      ready_interval: 15s        how often a ready cluster is looked at; 0s: never
      timeout: 1s
      user: (none)               with it a login and its queries decide, else any login answer
      password_file: (none)      one line
      database: postgres
      ready_query: (none)        must answer true
      system_identifier: (none)  must be the server's
routes: []                       the first that fits; may be left out with one cluster
  - {listener: NAME, database: PATTERN, user: PATTERN, cluster: NAME}
                                 names in braces: patterns bind them, cluster is filled with them
)";

} // namespace wakegate::proxy
