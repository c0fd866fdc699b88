#pragma once

#include "proxy/tls/openssl.hpp"

#include <chrono>
#include <string>
#include <string_view>

namespace wakegate::tls {

/// The first certificate of one file to expire: the server's, an issuer's above it, or one of those
/// that may sign clients' certificates.
struct certificate_expiry {
    std::string_view key; ///< of the configuration, a literal: certificate, directory, client_ca
    std::string file;
    std::string subject; ///< its common name
    std::chrono::sys_seconds not_after{};
};

/// Of the certificate that `context` shows, and of the issuers that it shows with it.
[[nodiscard]] certificate_expiry
own_expiry(SSL_CTX& context, std::string_view key, const std::string& file);

/// Of those that `context` trusts.
[[nodiscard]] certificate_expiry
authorities_expiry(SSL_CTX& context, std::string_view key, const std::string& file);

/// A certificate is warned about from this long before its end.
inline constexpr auto expiry_warning_period = std::chrono::days(14);

/// "FILE: the certificate of NAME has expired (Feb 20 ...)", or expires soon; else empty.
[[nodiscard]] std::string
describe_expiry(const certificate_expiry& expiry, std::chrono::sys_seconds now);

struct owned_expiry {
    std::string_view kind; ///< a literal: listener, or cluster
    std::string name;      ///< of that
    certificate_expiry expiry;
};

/// Logs what `describe_expiry` says, if anything.
void log_if_expiring(const owned_expiry& owned, std::chrono::sys_seconds now);

} // namespace wakegate::tls
