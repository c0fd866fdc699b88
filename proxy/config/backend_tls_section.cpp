#include "proxy/config/backend_tls_section.hpp"

#include "common/configuration_error.hpp"
#include "common/input_file.hpp"
#include "proxy/config/expiry_warning.hpp"
#include "proxy/tls/client_context.hpp"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <string>
#include <string_view>

namespace wakegate::proxy {
namespace {

tls::backend_mode read_mode(const yaml_map& node) {
    const auto mode = node.choice(
        "mode", "disable", {"disable", "prefer", "require", "verify-ca", "verify-full"}
    );
    return mode == "verify-full" ? tls::backend_mode::verify_full
           : mode == "verify-ca" ? tls::backend_mode::verify_ca
           : mode == "require"   ? tls::backend_mode::require
           : mode == "prefer"    ? tls::backend_mode::prefer
                                 : tls::backend_mode::disable;
}

/// As `openssl x509 -fingerprint -sha256` prints it, with or without its colons.
std::string read_pin(const yaml_map& node) {
    constexpr std::size_t size = 32;
    std::string digits;
    for (const char each : node.text("pin", "")) {
        if (each != ':') {
            digits += each;
        }
    }
    std::string pin;
    const char* next = digits.data();
    const char* const end = next + digits.size();
    for (; end - next >= 2; next += 2) {
        unsigned int byte = 0;
        const auto [stopped, error] = std::from_chars(next, next + 2, byte, 16);
        if (error != std::errc() || stopped != next + 2) {
            break;
        }
        pin += static_cast<char>(byte);
    }
    if (!digits.empty() && (next != end || pin.size() != size)) {
        node.fail("pin", "not a SHA-256 in 64 hexadecimal digits; see openssl x509 -fingerprint");
    }
    return pin;
}

/// Each file must be used: a certificate that is never checked is a mistake.
void check_mode(const yaml_map& node, const tls::backend_settings& settings) {
    for (const auto* const key : {"ca", "pin", "certificate", "key", "server_name"}) {
        if (node.has(key) && !settings.uses_tls()) {
            node.fail(key, "needs a mode: require, verify-ca or verify-full");
        }
    }
    if (settings.verifies() && settings.ca.empty()) {
        node.fail("mode", "needs ca: FILE, the authorities that may sign the server's certificate");
    }
    if (!settings.verifies() && node.has("ca")) {
        node.fail("ca", "needs mode: verify-ca or verify-full, or nobody is verified by it");
    }
    if (!settings.requires_tls() && node.has("pin")) {
        node.fail("pin", "needs mode: require or stronger, or a server goes without TLS");
    }
    if (settings.certificate.empty() != settings.key.empty()) {
        const auto* const lone_key = settings.key.empty() ? "certificate" : "key";
        node.fail(lone_key, "certificate and key belong together");
    }
}

/// libpq, which the probe uses, rejects a key that others can read, and so would never find the
/// cluster awake.
void check_access(const yaml_map& node, const std::string& key) {
    if (mode_open_to_others(key)) {
        node.fail("key", fmt::format("{}: others can read it; chmod 600, or 640 for root's", key));
    }
}

} // namespace

tls::backend_settings read_backend_tls(const yaml_map& node) {
    tls::backend_settings settings;
    settings.mode = read_mode(node);
    settings.ca = node.path("ca");
    settings.pin = read_pin(node);
    settings.certificate = node.path("certificate");
    settings.key = node.path("key");
    settings.server_name = node.text("server_name", "");
    node.reject_unknown_keys();
    check_mode(node, settings);
    for (const auto* const key : {"ca", "certificate", "key"}) {
        static_cast<void>(node.file(key));
    }
    try {
        const tls::client_context tried(settings);
        warn_of_expiry(node, tried.expiries());
    } catch (const configuration_error& problem) {
        const std::string_view reason = problem.what();
        const bool is_about_ca = settings.verifies() && reason.starts_with(settings.ca + ":");
        const bool is_about_key = !settings.key.empty() && reason.starts_with(settings.key + ":");
        node.fail(is_about_ca ? "ca" : is_about_key ? "key" : "certificate", reason);
    }
    check_access(node, settings.key);
    return settings;
}

} // namespace wakegate::proxy
