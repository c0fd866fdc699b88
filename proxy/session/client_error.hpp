#pragma once

#include "proxy/backend/connect_error.hpp"
#include "proxy/cluster/limit_error.hpp"
#include "proxy/cluster/route_error.hpp"
#include "proxy/gate/gate_error.hpp"
#include "proxy/session/auth_error.hpp"
#include "proxy/session/handshake_error.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace wakegate::proxy {

/// In what form the client can be told.
enum class error_form : std::uint8_t {
    protocol_3, ///< ErrorResponse
    protocol_2, ///< the message alone, as protocols 1 and 2 have it
    tls_alert,  ///< the client has begun TLS with a server it never reached (RFC 8446, 6.2)
};

/// An error as the client, the log and the metrics get it. This file's .cpp alone turns the errors
/// of the stages into it, so that it can be read as one table.
struct client_error {
    std::string_view sqlstate; ///< PostgreSQL manual, appendix A; the metrics' label, too
    std::string message;
    std::string hint = {};
    std::string detail = {};
    error_form form = error_form::protocol_3;

    /// All that is sent: an ErrorResponse (FATAL), or the alert.
    [[nodiscard]] std::string to_message() const;
};

/// Of an error that is sent, so not of the first group of `handshake_errc`.
[[nodiscard]] client_error to_client_error(const handshake_error& error);
[[nodiscard]] client_error to_client_error(const route_error& error);
[[nodiscard]] client_error to_client_error(const limit_error& error);
/// Not of `client_disconnected`.
[[nodiscard]] client_error to_client_error(const auth_error& error, std::string_view role);
/// Of one that the gate has not admitted.
[[nodiscard]] client_error to_client_error(const gate_refusal& refused, std::string_view cluster);
/// Of one that is not retryable. What exactly is wrong with a server's TLS is for the log: nobody
/// has to prove anything to get to read this.
[[nodiscard]] client_error
to_client_error(const connect_error& error, std::string_view cluster, std::string_view role);

/// The log's `cause`, a literal.
[[nodiscard]] std::string_view log_cause(const auth_error& error) noexcept;
/// The same, of a login that the server has not let in, though the gate has; else empty.
[[nodiscard]] std::string_view log_cause(const connect_error& error) noexcept;

} // namespace wakegate::proxy
