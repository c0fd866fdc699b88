#pragma once

#include <cstdint>
#include <string>

namespace wakegate::tls {

/// libpq's sslmode, without `allow`: a gate that prefers no TLS can use `disable`.
enum class backend_mode : std::uint8_t {
    disable,
    prefer,      ///< TLS if the server offers it: keeps out listeners, but nobody in between
    require,     ///< TLS, with whomever; or with the pinned certificate
    verify_ca,   ///< one whose certificate the authorities have signed
    verify_full, ///< and which is for the server's name
};

/// A cluster's `backend_tls`. With verify_ca and verify_full there is an `ca`.
struct backend_settings {
    backend_mode mode = backend_mode::disable;
    std::string ca;          ///< PEM
    std::string pin;         ///< SHA-256 of the server's certificate, 32 bytes; empty: any
    std::string certificate; ///< PEM, the gate's own; empty: none
    std::string key;         ///< PEM, without a passphrase
    std::string server_name; ///< empty: the name that is connected to

    [[nodiscard]] bool uses_tls() const noexcept { return mode != backend_mode::disable; }

    /// A server that declines TLS is not used.
    [[nodiscard]] bool requires_tls() const noexcept {
        return uses_tls() && mode != backend_mode::prefer;
    }

    [[nodiscard]] bool verifies() const noexcept {
        return mode == backend_mode::verify_ca || mode == backend_mode::verify_full;
    }
};

} // namespace wakegate::tls
