#pragma once

#include <cstdint>
#include <string>

namespace wakegate::tls {

enum class listener_mode : std::uint8_t {
    off,         ///< requests for TLS are declined
    optional,    ///< clients choose
    required,    ///< a startup message in the clear is refused (28000); cancel requests are not
    passthrough, ///< the server terminates it: accepted here and relayed unread
};

/// A listener's `tls`. When it is terminated here: either `certificate` and `key`, or `directory`.
struct listener_settings {
    listener_mode mode = listener_mode::off;
    std::string certificate; ///< PEM, the server's first, then its issuers
    std::string key;         ///< PEM, without a passphrase
    std::string directory;   ///< see `find_key_pairs`
    std::string client_ca;   ///< PEM; empty: clients are not asked for a certificate

    /// TLS is terminated here, which needs a certificate.
    [[nodiscard]] bool terminates() const noexcept {
        return mode == listener_mode::optional || mode == listener_mode::required;
    }
};

} // namespace wakegate::tls
