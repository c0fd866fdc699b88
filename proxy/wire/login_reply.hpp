#pragma once

#include <string>
#include <string_view>

namespace wakegate::wire {

/// What the server's answer to a StartupMessage means while the client has been sent nothing.
enum class login_reply {
    incomplete,  ///< more bytes are needed
    proceed,     ///< the client's turn (an authentication request), or logged in: pass it all on
    unavailable, ///< 57P01, 57P02 or 57P03 before either: the server is starting or stopping; try
                 ///< again
    refused,     ///< any other ErrorResponse: the client gets it as the server wrote it
    malformed,   ///< not the Postgres protocol, or longer than `max_login_reply`
};

/// Everything up to the first authentication request that needs an answer, or to ReadyForQuery.
/// Generous: parameters a server announces are some hundred bytes.
inline constexpr std::size_t max_login_reply = 64 * 1024;

/// Judges all the bytes the server has sent so far. AuthenticationOk, ParameterStatus,
/// NegotiateProtocolVersion, BackendKeyData and notices alone leave it undecided, so that a server
/// that stops in the middle of them is still `unavailable`.
[[nodiscard]] login_reply classify_login_reply(std::string_view received) noexcept;

/// What was `refused`, for a client that has been sent something. A postmaster that cannot fork
/// says so without a length, as in protocol 2, which clients accept only as the very first answer:
/// that becomes an ErrorResponse with its text; anything else is returned as it is.
[[nodiscard]] std::string as_error_response(std::string refused);

} // namespace wakegate::wire
