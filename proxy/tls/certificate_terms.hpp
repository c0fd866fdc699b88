#pragma once

#include "proxy/tls/openssl.hpp"

#include <chrono>
#include <string>
#include <string_view>

namespace wakegate::tls {

/// How long the certificates of one file are good: the first of them to expire, be it the server's,
/// an issuer's above it, or one of those that may sign clients' certificates.
struct certificate_term {
    std::string_view key; ///< of the configuration, a literal: certificate, directory, client_ca
    std::string file;
    std::string subject; ///< its common name
    std::chrono::sys_seconds not_after{};
};

/// Of the certificate that `context` shows, and of what it shows with it.
[[nodiscard]] certificate_term
own_term(SSL_CTX& context, std::string_view key, const std::string& file);

/// Of those that `context` trusts.
[[nodiscard]] certificate_term
authorities_term(SSL_CTX& context, std::string_view key, const std::string& file);

/// From so much before its end on a certificate is worth a warning.
inline constexpr auto expires_soon = std::chrono::days(14);

/// "FILE: the certificate of NAME has expired (Feb 20 ...)", or expires soon; else empty.
[[nodiscard]] std::string
expiry_objection(const certificate_term& term, std::chrono::sys_seconds now);

struct owned_term {
    std::string_view kind; ///< a literal: listener, or cluster
    std::string name;      ///< of that
    certificate_term term;
};

/// One warning if there is such an objection.
void log_if_expiring(const owned_term& owned, std::chrono::sys_seconds now);

} // namespace wakegate::tls
