#pragma once

#include <boost/system/result.hpp>

#include <cstdint>
#include <string>

namespace wakegate::proxy {

/// Why a server could not be connected to or logged in at.
enum class connect_errc : std::uint8_t {
    // The server is not there, or not now: the session may try again.
    no_address,  ///< `cause` says of which name
    unreachable, ///< `cause`: the system's error
    connect_timeout,
    connection_lost,     ///< `cause`: the socket's error
    tls_request_timeout, ///< no answer to the SSLRequest
    tls_request_failed,  ///< answered with an error, as by a postmaster that cannot fork
    tls_handshake_timeout,
    tls_handshake_lost, ///< `cause`: the socket's error
    tls_hello_timeout,  ///< no answer to the client's own ClientHello
    not_postgres,
    not_accepting,   ///< the server is starting up or shutting down (57P01, 57P02, 57P03)
    startup_timeout, ///< no answer to the startup message
    login_timeout,   ///< the login that the proxy takes part in took too long

    // The server is there, and another attempt would end the same.
    tls_not_offered,
    tls_unencrypted_data, ///< bytes behind the answer to the SSLRequest, as in CVE-2021-23222
    tls_failed,           ///< `cause`: TLS's, for instance a certificate that is not trusted
    stale_verifier,       ///< the server has another password for the role than the proxy
    login_failed,         ///< `cause`: what the server asks for, or how it fails to prove itself
    login_too_slow,       ///< the client's deadline passed before the login ended
};

struct connect_error {
    connect_errc code{};
    std::string cause = {};

    [[nodiscard]] bool retryable() const noexcept { return code < connect_errc::tls_not_offered; }
};

template <typename T = void> using connect_result = boost::system::result<T, connect_error>;

/// One line for the log.
[[nodiscard]] std::string to_string(const connect_error& error);

} // namespace wakegate::proxy
