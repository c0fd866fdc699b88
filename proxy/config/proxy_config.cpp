#include "proxy/config/proxy_config.hpp"

#include "common/yaml_map.hpp"
#include "proxy/auth/verifier_cache_file.hpp"
#include "proxy/config/cancel_section.hpp"
#include "proxy/config/cluster_section.hpp"
#include "proxy/config/limits.hpp"
#include "proxy/config/listener_tls_section.hpp"
#include "proxy/config/proxy_name.hpp"
#include "proxy/config/proxy_protocol_section.hpp"
#include "proxy/config/reachability.hpp"
#include "proxy/config/route_section.hpp"
#include "proxy/config/route_tls_checks.hpp"
#include "proxy/config/tcp_section.hpp"

#include <algorithm>
#include <thread>
#include <utility>

namespace wakegate::proxy {
namespace {

void read_clusters(const yaml_map& from, proxy_config& made) {
    for (const auto& [name, entry] : from.named_maps("clusters", "{backend: HOST:PORT}")) {
        made.clusters.push_back(read_cluster(name, entry));
    }
    if (made.clusters.empty()) {
        from.fail("clusters", "at least one is needed: clusters: {NAME: {backend: HOST:PORT}}");
    }
}

void require_verifier_cache(const yaml_map& from, const proxy_config& made) {
    const bool is_needed =
        std::any_of(made.clusters.begin(), made.clusters.end(), [](const cluster_config& one) {
            return one.verifiers && one.verifiers->query;
        });
    if (is_needed == made.verifier_cache.empty()) {
        from.fail(
            "verifier_cache",
            is_needed ? "required with auth_query: the FILE that keeps roles while clusters sleep"
                      : "is read with auth_query only"
        );
    }
    const auto objection =
        is_needed ? auth::check_verifier_cache_path(made.verifier_cache) : std::nullopt;
    if (objection) {
        from.warn("verifier_cache", *objection);
    }
}

void read_listeners(const yaml_map& from, proxy_config& made) {
    for (const auto& [name, entry] : from.named_maps("listeners", "{address: HOST:PORT}")) {
        const auto tls = entry.map("tls");
        auto client_roles = read_client_roles(tls);
        const bool broadcast_cancels = read_broadcast_cancels(tls);
        made.listeners.push_back({
            .name = name,
            .address = entry.required_listen_address("address"),
            .tls = read_listener_tls(tls),
            .broadcast_cancels = broadcast_cancels,
            .client_roles = std::move(client_roles),
            .proxy_protocol = read_proxy_protocol_policy(entry.map("proxy_protocol")),
            .tcp = read_tcp_timeouts(entry.map("tcp")),
        });
        entry.reject_unknown_keys();
    }
    if (made.listeners.empty()) {
        from.fail("listeners", "at least one is needed: listeners: {NAME: {address: HOST:PORT}}");
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

milliseconds shortest_user_timeout(const proxy_config& config) {
    std::vector<milliseconds> all;
    for (const auto& listener : config.listeners) {
        all.push_back(listener.tcp.user_timeout);
    }
    for (const auto& cluster : config.clusters) {
        all.push_back(cluster.settings.endpoint.tcp.user_timeout);
    }
    std::erase(all, milliseconds(0)); // the kernel's
    return all.empty() ? milliseconds(0) : *std::min_element(all.begin(), all.end());
}

proxy_config load_proxy_config(const std::string& path) {
    const auto from = yaml_map::load_file(path);
    const milliseconds at_least_1s(1'000);
    proxy_config made;
    made.name = read_proxy_name(from);
    read_listeners(from, made);
    made.scalers = from.addresses("scalers");
    if (made.scalers.empty()) {
        from.warn(
            "scalers",
            "none, so nobody hears that clients wait, and nothing is woken; give them, like "
            "[\"127.0.0.1:9411\"]"
        );
    }
    const auto admin = from.map("admin", "{address: HOST:PORT}");
    if (from.has("admin")) {
        made.admin = admin.required_listen_address("address");
    }
    admin.reject_unknown_keys();
    read_log(from.map("log"), made);
    const auto processors = std::max(1U, std::thread::hardware_concurrency());
    made.threads = from.number("threads", processors, 1, 256);
    made.max_clients = read_limit(from, "max_clients");
    made.max_clients_per_source = read_limit(from, "max_clients_per_source");
    made.max_waiting = from.number("max_waiting", made.max_waiting, 1, max_client_count);
    made.startup_timeout = from.period("startup_timeout", made.startup_timeout, milliseconds(1));
    made.authentication_timeout =
        from.period("authentication_timeout", made.authentication_timeout, milliseconds(1));
    made.tls_timeout = from.period("tls_timeout", made.tls_timeout, milliseconds(1));
    made.drain_timeout = from.period("drain_timeout", made.drain_timeout);
    made.lease = from.period("lease", made.lease, at_least_1s);
    made.verifier_cache = from.path("verifier_cache");
    read_clusters(from, made);
    require_verifier_cache(from, made);
    made.routes = read_routes(from, made);
    check_route_tls(from, made);
    made.cancel = read_cancel(from.map("cancel"), made);
    from.reject_unknown_keys();
    check_reachability(from, made);
    made.warnings = from.warnings();
    return made;
}

} // namespace wakegate::proxy
