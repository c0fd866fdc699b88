#include "proxy/config/proxy_config.hpp"

#include "common/log_section.hpp"
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

void read_clusters(const yaml_map& node, proxy_config& config) {
    for (const auto& [name, entry] : node.named_maps("clusters", "{backend: HOST:PORT}")) {
        config.clusters.push_back(read_cluster(name, entry));
    }
    if (config.clusters.empty()) {
        node.fail("clusters", "at least one is needed: clusters: {NAME: {backend: HOST:PORT}}");
    }
}

void require_verifier_cache(const yaml_map& node, const proxy_config& config) {
    const bool is_needed = std::any_of(
        config.clusters.begin(),
        config.clusters.end(),
        [](const cluster_config& cluster) { return cluster.verifiers && cluster.verifiers->query; }
    );
    if (is_needed == config.verifier_cache.empty()) {
        node.fail(
            "verifier_cache",
            is_needed ? "required with auth_query: the FILE that keeps roles while clusters sleep"
                      : "is read with auth_query only"
        );
    }
    if (!is_needed) {
        return;
    }
    if (const auto checked = auth::check_verifier_cache_path(config.verifier_cache); !checked) {
        node.warn("verifier_cache", checked.error().reason);
    }
}

void read_listeners(const yaml_map& node, proxy_config& config) {
    for (const auto& [name, entry] : node.named_maps("listeners", "{address: HOST:PORT}")) {
        const auto tls = entry.map("tls");
        auto client_roles = read_client_roles(tls);
        const bool broadcast_cancels = read_broadcast_cancels(tls);
        config.listeners.push_back({
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
    if (config.listeners.empty()) {
        node.fail("listeners", "at least one is needed: listeners: {NAME: {address: HOST:PORT}}");
    }
}

} // namespace

milliseconds shortest_user_timeout(const proxy_config& config) {
    std::vector<milliseconds> all;
    all.reserve(config.listeners.size() + config.clusters.size());
    for (const auto& listener : config.listeners) {
        all.push_back(listener.tcp.user_timeout);
    }
    for (const auto& cluster : config.clusters) {
        all.push_back(cluster.settings.endpoint.tcp.user_timeout);
    }
    std::erase(all, milliseconds(0)); // kernel's own
    return all.empty() ? milliseconds(0) : *std::min_element(all.begin(), all.end());
}

proxy_config load_proxy_config(const std::string& path) {
    return read_proxy_config(yaml_map::load_file(path));
}

proxy_config read_proxy_config(const yaml_map& node) {
    const milliseconds at_least_1s(1'000);
    proxy_config config;
    config.name = read_proxy_name(node);
    read_listeners(node, config);
    config.scalers = node.addresses("scalers");
    if (config.scalers.empty()) {
        node.warn(
            "scalers",
            "none, so nobody hears that clients wait, and nothing is woken; give them, like "
            "[\"127.0.0.1:9411\"]"
        );
    }
    const auto admin = node.map("admin", "{address: HOST:PORT}");
    if (node.has("admin")) {
        config.admin = admin.required_listen_address("address");
    }
    admin.reject_unknown_keys();
    const auto logging = read_log_settings(node.map("log"));
    config.log_format = logging.format;
    config.log_level = logging.level;
    const auto processors = std::max(1U, std::thread::hardware_concurrency());
    config.threads = node.number("threads", processors, 1, 256);
    config.max_clients = node.optional_number("max_clients", 1, max_client_count);
    config.max_clients_per_source =
        node.optional_number("max_clients_per_source", 1, max_client_count);
    config.max_waiting = node.number("max_waiting", config.max_waiting, 1, max_client_count);
    config.startup_timeout =
        node.period("startup_timeout", config.startup_timeout, milliseconds(1));
    config.authentication_timeout =
        node.period("authentication_timeout", config.authentication_timeout, milliseconds(1));
    config.tls_timeout = node.period("tls_timeout", config.tls_timeout, milliseconds(1));
    config.drain_timeout = node.period("drain_timeout", config.drain_timeout);
    config.lease = node.period("lease", config.lease, at_least_1s);
    config.verifier_cache = node.path("verifier_cache");
    read_clusters(node, config);
    require_verifier_cache(node, config);
    config.routes = read_routes(node, config);
    check_route_tls(node, config);
    config.cancel = read_cancel(node.map("cancel"), config);
    node.reject_unknown_keys();
    check_reachability(node, config);
    config.warnings = node.warnings();
    return config;
}

} // namespace wakegate::proxy
