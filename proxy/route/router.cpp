#include "proxy/route/router.hpp"

#include "common/configuration_error.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

namespace wakegate::proxy {
namespace {

/// Reads a route's key with `read`; puts the key's name before its error.
template <typename Read> auto read_key(std::string_view key, Read read) {
    try {
        return read();
    } catch (const configuration_error& bad) {
        throw configuration_error(fmt::format("{}: {}", key, bad.what()));
    }
}

std::optional<name_pattern>
read_pattern(std::string_view key, const std::string& text, name_pattern::style form) {
    if (text.empty()) {
        return std::nullopt;
    }
    return read_key(key, [&] { return name_pattern::parse(text, form); });
}

std::optional<name_template> read_template(std::string_view key, const std::string& text) {
    if (text.empty()) {
        return std::nullopt;
    }
    return read_key(key, [&] { return name_template::parse(text); });
}

void add_names(std::vector<std::string>& names, const std::optional<name_pattern>& pattern) {
    if (pattern) {
        const auto more = pattern->names();
        names.insert(names.end(), more.begin(), more.end());
    }
}

bool has(const std::vector<std::string>& names, const std::string& name) {
    return std::find(names.begin(), names.end(), name) != names.end();
}

std::string in_braces(std::vector<std::string> names) {
    std::sort(names.begin(), names.end());
    names.erase(std::unique(names.begin(), names.end()), names.end());
    std::string text;
    for (const auto& name : names) {
        text += fmt::format("{}{{{}}}", text.empty() ? "" : ", ", name);
    }
    return text.empty() ? "nothing" : text;
}

void require_bound(
    std::string_view key,
    const std::string& text,
    const name_template& needs,
    const std::vector<std::string>& bound
) {
    for (const auto& name : needs.names()) {
        if (!has(bound, name)) {
            throw configuration_error(fmt::format(
                "{}: '{}': {{{}}} is not bound by listener, sni, database or user of this route, "
                "which bind {}",
                key,
                text,
                name,
                in_braces(bound)
            ));
        }
    }
}

/// If the client chose the whole last label it could choose any domain, or write an address as one
/// number ("2130706433" is 127.0.0.1 to getaddrinfo).
void require_own_domain(const std::string& host) {
    if (host.find('{') == std::string::npos) {
        return;
    }
    const auto label = std::string_view(host).substr(host.rfind('.') + 1);
    bool in_gap = false;
    for (const char byte : label) {
        in_gap = byte == '{' || (in_gap && byte != '}');
        if (!in_gap && std::isalpha(static_cast<unsigned char>(byte)) != 0) {
            return;
        }
    }
    throw configuration_error(fmt::format(
        "backend: '{}': the last label needs a letter of its own, or clients could choose any "
        "host; write the domain, as in {{client}}.svc.cluster.local",
        host
    ));
}

bool fits(
    const std::optional<name_pattern>& pattern, std::string_view text, std::vector<captures>& values
) {
    if (!pattern) {
        return true;
    }
    auto found = pattern->match(text);
    if (!found) {
        return false;
    }
    values.push_back(*std::move(found));
    return true;
}

/// The first name with two values; nothing when all agree.
std::optional<route_conflict> bind_all(const std::vector<captures>& values, name_bindings& bound) {
    for (const auto& each : values) {
        for (const auto& [name, value] : each) {
            if (!bound.bind(name, value)) {
                return route_conflict{fmt::format(
                    "the connection says \"{}\" in one place and \"{}\" in another for {{{}}}",
                    *bound.find(name),
                    value,
                    name
                )};
            }
        }
    }
    return std::nullopt;
}

} // namespace

compiled_route::compiled_route(const route& from)
    : listener_(read_pattern("listener", from.listener, name_pattern::style::plain)),
      sni_(read_pattern("sni", from.sni, name_pattern::style::host_name)),
      database_(read_pattern("database", from.database, name_pattern::style::text)),
      user_(read_pattern("user", from.user, name_pattern::style::text)),
      cluster_(read_key("cluster", [&] { return name_template::parse(from.cluster); })),
      backend_host_(read_template("backend", from.backend.host)),
      backend_port_(from.backend.port),
      backend_database_(read_template("backend_database", from.backend_database)) {
    std::vector<std::string> bound;
    for (const auto* const pattern : {&listener_, &database_, &user_}) {
        add_names(bound, *pattern);
    }
    auto by_option = bound;
    add_names(bound, sni_);

    require_bound("cluster", from.cluster, cluster_, bound);
    auto needed = cluster_.names();
    by_option.insert(by_option.end(), needed.begin(), needed.end());
    if (backend_host_) {
        require_bound("backend", from.backend.host, *backend_host_, bound);
        require_own_domain(from.backend.host);
        needed = backend_host_->names();
    }
    if (backend_database_) {
        require_bound("backend_database", from.backend_database, *backend_database_, bound);
        const auto more = backend_database_->names();
        needed.insert(needed.end(), more.begin(), more.end());
    }
    option_suffices_ = std::all_of(needed.begin(), needed.end(), [&](const std::string& name) {
        return has(by_option, name);
    });
    cluster_read_back_ = read_key("cluster", [&] {
        return name_pattern::parse(from.cluster, name_pattern::style::plain);
    });
}

bool compiled_route::takes_option_for_sni(const route_request& client) const noexcept {
    return sni_ && client.sni.empty() && client.cluster && option_suffices_;
}

std::optional<std::vector<captures>> compiled_route::match(const route_request& client) const {
    std::vector<captures> values;
    if (!fits(listener_, client.listener, values)) {
        return std::nullopt;
    }
    if (takes_option_for_sni(client)) {
        auto read_back = cluster_read_back_.match(*client.cluster);
        if (!read_back) {
            return std::nullopt;
        }
        values.push_back(*std::move(read_back));
    } else if (sni_ && (client.sni.empty() || !fits(sni_, client.sni, values))) {
        return std::nullopt;
    }
    if (!fits(database_, client.database, values) || !fits(user_, client.user, values)) {
        return std::nullopt;
    }
    return values;
}

std::optional<routing> compiled_route::decide(const route_request& client) const {
    const auto values = match(client);
    if (!values) {
        return std::nullopt;
    }
    name_bindings bound;
    if (auto conflict = bind_all(*values, bound)) {
        return *std::move(conflict);
    }
    return target(client, bound);
}

bool compiled_route::may_lead_to(std::string_view cluster) const {
    auto named = cluster_read_back_.match(cluster);
    name_bindings bound;
    return named && !bind_all({*std::move(named)}, bound) && cluster_.expand(bound) == cluster;
}

std::optional<host_port> compiled_route::backend_of(std::string_view cluster) const {
    auto named = backend_host_ ? cluster_read_back_.match(cluster) : std::nullopt;
    name_bindings bound;
    if (!named || bind_all({*std::move(named)}, bound)) {
        return std::nullopt;
    }
    auto host = backend_host_->expand(bound);
    if (!host) {
        return std::nullopt;
    }
    return host_port{.host = *std::move(host), .port = backend_port_};
}

routing compiled_route::target(const route_request& client, const name_bindings& bound) const {
    // The constructor has checked that every name is bound.
    route_target found{
        .cluster = cluster_.expand(bound).value_or(""),
        .backend = std::nullopt,
        .database = std::string(client.database),
    };
    if (client.cluster && to_lower(*client.cluster) != to_lower(found.cluster)) {
        return route_conflict{
            "the options ask for another cluster than server name, database and user lead to"
        };
    }
    if (backend_host_) {
        found.backend =
            host_port{.host = backend_host_->expand(bound).value_or(""), .port = backend_port_};
    }
    if (backend_database_) {
        found.database = backend_database_->expand(bound).value_or("");
    }
    return found;
}

router::router(const std::vector<route>& routes) {
    routes_.reserve(routes.size());
    for (const auto& each : routes) {
        try {
            routes_.emplace_back(each);
        } catch (const configuration_error& bad) {
            throw configuration_error(fmt::format("routes[{}].{}", routes_.size(), bad.what()));
        }
    }
}

std::vector<host_port> router::backends_of(std::string_view cluster) const {
    std::vector<host_port> found;
    for (const auto& each : routes_) {
        auto backend = each.backend_of(cluster);
        if (backend && std::find(found.begin(), found.end(), *backend) == found.end()) {
            found.push_back(*std::move(backend));
        }
    }
    return found;
}

routing router::decide(const route_request& client) const {
    for (const auto& each : routes_) {
        if (auto found = each.decide(client)) {
            return *std::move(found);
        }
    }
    return no_route{};
}

} // namespace wakegate::proxy
