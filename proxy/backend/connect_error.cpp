#include "proxy/backend/connect_error.hpp"

namespace wakegate::proxy {

std::string to_string(const connect_error& error) {
    switch (error.code) {
    case connect_errc::no_address:
    case connect_errc::unreachable:
    case connect_errc::stale_verifier:
    case connect_errc::login_failed:
        return error.cause;
    case connect_errc::connect_timeout:
        return "connect timed out";
    case connect_errc::connection_lost:
        return "connection lost: " + error.cause;
    case connect_errc::tls_request_timeout:
        return "no answer to the request for TLS";
    case connect_errc::tls_request_failed:
        return "the server answers the request for TLS with an error";
    case connect_errc::tls_handshake_timeout:
        return "the TLS handshake took too long";
    case connect_errc::tls_handshake_lost:
        return "connection lost in the TLS handshake: " + error.cause;
    case connect_errc::tls_hello_timeout:
        return "no answer to the TLS handshake";
    case connect_errc::not_postgres:
        return "the answer is not the Postgres protocol";
    case connect_errc::not_accepting:
        return "the server is starting up or shutting down";
    case connect_errc::startup_timeout:
        return "no answer to the startup message";
    case connect_errc::login_timeout:
    case connect_errc::login_too_slow:
        return "the login took too long";
    case connect_errc::tls_not_offered:
        return "the server does not offer TLS";
    case connect_errc::tls_unencrypted_data:
        return "received unencrypted data after the answer to SSLRequest";
    case connect_errc::tls_failed:
        return "TLS: " + error.cause;
    }
    return "unknown";
}

} // namespace wakegate::proxy
