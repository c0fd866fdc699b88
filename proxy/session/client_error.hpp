#pragma once

#include "proxy/backend/connect_error.hpp"
#include "proxy/cluster/limit_error.hpp"
#include "proxy/cluster/route_error.hpp"
#include "proxy/gate/gate_error.hpp"
#include "proxy/relay/relay_error.hpp"
#include "proxy/session/auth_error.hpp"
#include "proxy/session/handshake_error.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace wakegate::proxy {

/// The form the client can read.
enum class error_form : std::uint8_t {
    protocol_3, ///< ErrorResponse
    protocol_2, ///< the message alone, as protocols 1 and 2 have it
    tls_alert,  ///< the client has begun TLS with a server it never reached (RFC 8446, 6.2)
};

/// An error as the client, the log and the metrics get it. Only this file's .cpp converts the
/// stages' errors, so that it reads as one table.
struct client_error {
    std::string_view sqlstate; ///< PostgreSQL manual, appendix A; also the metrics' label
    std::string message;
    std::string hint = {};
    std::string detail = {};
    error_form form = error_form::protocol_3;

    /// The bytes to send: an ErrorResponse (FATAL), or the alert.
    [[nodiscard]] std::string to_message() const;
};

/// For errors that are sent: not the first group of `handshake_errc`.
[[nodiscard]] client_error to_client_error(const handshake_error& error);
[[nodiscard]] client_error to_client_error(const route_error& error);
[[nodiscard]] client_error to_client_error(const limit_error& error);
/// Not for `client_disconnected`.
[[nodiscard]] client_error to_client_error(const auth_error& error, std::string_view role);
/// For clients the gate has not admitted.
[[nodiscard]] client_error to_client_error(const gate_refusal& refused, std::string_view cluster);
/// For an error that is not retryable. Only the log says what is wrong with a server's TLS: clients
/// that have proved nothing read this.
[[nodiscard]] client_error
to_client_error(const connect_error& error, std::string_view cluster, std::string_view role);
/// For sessions that are relayed.
[[nodiscard]] client_error to_client_error(const relay_error& error);

/// The log's `cause`, a literal.
[[nodiscard]] std::string_view log_cause(const auth_error& error) noexcept;
/// The same for a login that the gate admitted and the server rejected; else empty.
[[nodiscard]] std::string_view log_cause(const connect_error& error) noexcept;

} // namespace wakegate::proxy
