#pragma once

#include <cstdint>
#include <string>

namespace wakegate::proxy {

/// Why a client did not get as far as a startup message.
enum class handshake_errc : std::uint8_t {
    // Nothing is sent: an answer would be useless or impossible.
    client_disconnected,   ///< before its first message; health checks do it
    proxy_header_rejected, ///< PROXY protocol: not from a trusted sender, missing or malformed
    tls_failed,            ///< OpenSSL has sent the alert
    malformed_startup,     ///< closed without an answer, as by Postgres

    startup_timeout,
    unencrypted_data, ///< after an SSLRequest, as in CVE-2021-23222
    unsupported_protocol,
    invalid_layout,
    no_user,
    encryption_required,
};

struct handshake_error {
    handshake_errc code{};
    std::string reason = {};    ///< for the log, where nothing is sent
    std::uint32_t protocol = 0; ///< of `unsupported_protocol`
    std::string user = {};      ///< of `encryption_required`; next, too
    std::string database = {};
    std::string host = {};
};

} // namespace wakegate::proxy
