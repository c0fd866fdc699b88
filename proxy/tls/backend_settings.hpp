#pragma once

#include <cstdint>
#include <string>

namespace wakegate::tls {

/// libpq's sslmode, without `allow`, in place of which `disable` can be used.
enum class backend_mode : std::uint8_t {
    disable,
    prefer,      ///< TLS if the server offers it: stops eavesdroppers, but no man in the middle
    require,     ///< TLS, with any certificate or with the pinned one
    verify_ca,   ///< TLS, with a certificate signed by the authorities
    verify_full, ///< the same, and the certificate is for the server's name
};

/// A cluster's `backend_tls`. With verify_ca and verify_full there is a `ca`.
struct backend_settings {
    backend_mode mode = backend_mode::disable;
    std::string ca;          ///< PEM
    std::string pin;         ///< SHA-256 of the server's certificate, 32 bytes; empty: any
    std::string certificate; ///< PEM, the proxy's own; empty: none
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
