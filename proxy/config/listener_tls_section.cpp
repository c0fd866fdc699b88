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

tls::listener_mode read_mode(const yaml_map& from) {
    const auto listener_mode =
        from.choice("mode", "off", {"off", "optional", "required", "passthrough"});
    return listener_mode == "required"      ? tls::listener_mode::required
           : listener_mode == "optional"    ? tls::listener_mode::optional
           : listener_mode == "passthrough" ? tls::listener_mode::passthrough
                                            : tls::listener_mode::off;
}

/// What is given must be of use: a certificate that nobody is shown is a mistake.
void check_mode(const yaml_map& from, tls::listener_mode listener_mode) {
    for (const auto* const key : {"certificate", "key", "directory", "client_ca"}) {
        if (from.has(key) && !from.has("mode")) {
            from.fail("mode", "needed with a certificate: optional or required (or off)");
        }
        if (from.has(key) && listener_mode == tls::listener_mode::passthrough) {
            from.fail(key, "of no use with mode: passthrough, where TLS is the server's");
        }
    }
    if (listener_mode != tls::listener_mode::required && from.has("client_ca")) {
        from.fail("client_ca", "needs mode: required, or clients leave their certificate at home");
    }
}

/// By the file that the problem begins with; each message of tls/ does.
std::string_view key_of_problem(std::string_view problem, const tls::settings& made) {
    const auto is_about = [problem](const std::string& file) {
        return !file.empty() && problem.starts_with(file + ":");
    };
    return is_about(made.client_ca)     ? "client_ca"
           : !made.directory.empty()    ? "directory"
           : is_about(made.certificate) ? "certificate"
           : is_about(made.key)         ? "key"
                                        : "certificate";
}

void check_files(const yaml_map& from, const tls::settings& made) {
    const bool has_pair = !made.certificate.empty() || !made.key.empty();
    if (has_pair == !made.directory.empty()) {
        from.fail("mode", "needs either certificate and key, or a directory of both");
    }
    if (has_pair && (made.certificate.empty() || made.key.empty())) {
        from.fail(made.key.empty() ? "certificate" : "key", "certificate and key belong together");
    }
    for (const auto* const key : {"certificate", "key", "client_ca"}) {
        static_cast<void>(from.file(key));
    }
    static_cast<void>(from.folder("directory"));
    try {
        const tls::server_context tried(made);
        warn_of_expiry(from, tried.expiries());
    } catch (const configuration_error& problem) {
        from.fail(key_of_problem(problem.what(), made), problem.what());
    }
    for (const auto& pair : tls::find_key_pairs(made)) {
        const auto* const key = has_pair ? "key" : "directory";
        warn_if_others_can_read(from, key, pair.key, "the private key");
    }
}

} // namespace

bool read_broadcast_cancels(const yaml_map& from) {
    const bool broadcasts = from.choice("cancel", "drop", {"drop", "broadcast"}) == "broadcast";
    if (from.has("cancel") && read_mode(from) != tls::listener_mode::passthrough) {
        from.fail("cancel", "needs mode: passthrough; in any other the gate knows whose a key is");
    }
    return broadcasts;
}

std::vector<role_rule> read_client_roles(const yaml_map& from) {
    std::vector<role_rule> rules;
    for (const auto& entry : from.maps("client_roles")) {
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
    if (!rules.empty() && !from.has("client_ca")) {
        from.fail("client_roles", "needs client_ca: without it clients have no names");
    }
    return rules;
}

tls::settings read_listener_tls(const yaml_map& from) {
    tls::settings made;
    made.mode = read_mode(from);
    made.certificate = from.path("certificate");
    made.key = from.path("key");
    made.directory = from.path("directory");
    made.client_ca = from.path("client_ca");
    from.reject_unknown_keys();
    check_mode(from, made.mode);
    if (made.terminates()) {
        check_files(from, made);
    }
    return made;
}

} // namespace wakegate::proxy
