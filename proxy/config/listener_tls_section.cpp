#include "proxy/config/listener_tls_section.hpp"

#include "common/configuration_error.hpp"
#include "proxy/config/expiry_warning.hpp"
#include "proxy/config/plain_name.hpp"
#include "proxy/config/secret_mode.hpp"
#include "proxy/tls/key_pair_files.hpp"
#include "proxy/tls/server_context.hpp"

#include <cstring>
#include <string_view>

namespace wakegate::proxy {
namespace {

tls::listener_mode read_mode(const yaml_map& node) {
    const auto listener_mode =
        node.choice("mode", "off", {"off", "optional", "required", "passthrough"});
    return listener_mode == "required"      ? tls::listener_mode::required
           : listener_mode == "optional"    ? tls::listener_mode::optional
           : listener_mode == "passthrough" ? tls::listener_mode::passthrough
                                            : tls::listener_mode::off;
}

/// Each file must be used: a certificate that no client gets is a mistake.
void check_mode(const yaml_map& node, tls::listener_mode listener_mode) {
    for (const auto* const key : {"certificate", "key", "directory", "client_ca"}) {
        if (node.has(key) && !node.has("mode")) {
            node.fail("mode", "needed with a certificate: optional or required (or off)");
        }
        if (node.has(key) && listener_mode == tls::listener_mode::passthrough) {
            node.fail(key, "of no use with mode: passthrough, where TLS is the server's");
        }
    }
    if (listener_mode != tls::listener_mode::required && node.has("client_ca")) {
        node.fail("client_ca", "needs mode: required, or clients leave their certificate at home");
    }
}

/// By the file at the start of the problem, as tls/ writes it.
std::string_view key_of_problem(std::string_view problem, const tls::listener_settings& settings) {
    const auto is_about = [problem](const std::string& file) {
        return !file.empty() && problem.starts_with(file + ":");
    };
    return is_about(settings.client_ca)     ? "client_ca"
           : !settings.directory.empty()    ? "directory"
           : is_about(settings.certificate) ? "certificate"
           : is_about(settings.key)         ? "key"
                                            : "certificate";
}

void check_files(const yaml_map& node, const tls::listener_settings& settings) {
    const bool has_pair = !settings.certificate.empty() || !settings.key.empty();
    if (has_pair == !settings.directory.empty()) {
        node.fail("mode", "needs either certificate and key, or a directory of both");
    }
    if (has_pair && (settings.certificate.empty() || settings.key.empty())) {
        node.fail(
            settings.key.empty() ? "certificate" : "key", "certificate and key belong together"
        );
    }
    for (const auto* const key : {"certificate", "key", "client_ca"}) {
        static_cast<void>(node.file(key));
    }
    static_cast<void>(node.folder("directory"));
    try {
        const tls::server_context tried(settings);
        warn_of_expiry(node, tried.expiries());
    } catch (const configuration_error& problem) {
        node.fail(key_of_problem(problem.what(), settings), problem.what());
    }
    for (const auto& pair : tls::find_key_pairs(settings)) {
        const auto* const key = has_pair ? "key" : "directory";
        warn_if_others_can_read(node, key, pair.key, "the private key");
    }
}

} // namespace

bool read_broadcast_cancels(const yaml_map& node) {
    const bool broadcasts = node.choice("cancel", "drop", {"drop", "broadcast"}) == "broadcast";
    if (node.has("cancel") && read_mode(node) != tls::listener_mode::passthrough) {
        node.fail("cancel", "needs mode: passthrough; in any other the gate knows whose a key is");
    }
    return broadcasts;
}

std::vector<role_rule> read_client_roles(const yaml_map& node) {
    std::vector<role_rule> rules;
    for (const auto& entry : node.maps("client_roles")) {
        rules.push_back({
            .name = entry.required_text("name"),
            .role = truncate_plain_name(entry.required_text("role")),
        });
        entry.reject_unknown_keys();
        try {
            const role_map tried({rules.back()});
        } catch (const configuration_error& problem) {
            entry.fail("name", std::string_view(problem.what()).substr(std::strlen("name: ")));
        }
    }
    if (!rules.empty() && !node.has("client_ca")) {
        node.fail("client_roles", "needs client_ca: without it clients have no names");
    }
    return rules;
}

tls::listener_settings read_listener_tls(const yaml_map& node) {
    tls::listener_settings settings;
    settings.mode = read_mode(node);
    settings.certificate = node.path("certificate");
    settings.key = node.path("key");
    settings.directory = node.path("directory");
    settings.client_ca = node.path("client_ca");
    node.reject_unknown_keys();
    check_mode(node, settings.mode);
    if (settings.terminates()) {
        check_files(node, settings);
    }
    return settings;
}

} // namespace wakegate::proxy
