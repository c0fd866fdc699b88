#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace wakegate::wire {

/// An error that ends the client's connection. SQLSTATEs: PostgreSQL manual, appendix A.
struct error_fields {
    std::string_view severity = "FATAL";
    std::string_view sqlstate;
    std::string_view message;
    std::string_view detail = {};
    std::string_view hint = {};
};

/// ErrorResponse ('E') with S, V, C, M and, when given, D and H.
[[nodiscard]] std::string error_response(const error_fields& fields);
/// The same for protocol 2, which has no fields: severity and text, ended by a zero byte
/// (send_message_to_frontend in Postgres' utils/error/elog.c).
[[nodiscard]] std::string error_response_2_0(std::string_view message);

struct notice_fields {
    std::string_view severity = "NOTICE";
    std::string_view sqlstate = "00000"; // successful_completion, as ereport(NOTICE) has it
    std::string_view message;
    std::string_view hint = {};
};

/// NoticeResponse ('N'). Not before AuthenticationOk: libpq and others end the login then.
[[nodiscard]] std::string notice_response(const notice_fields& fields);

/// A StartupMessage of that protocol: 0x00030000 is 3.0.
[[nodiscard]] std::string startup_message_bytes(
    std::uint32_t protocol, const std::vector<std::pair<std::string, std::string>>& parameters
);
[[nodiscard]] std::string
startup_message_3_0(const std::vector<std::pair<std::string, std::string>>& parameters);

/// Asks a server to go on with TLS; it answers 'S' or 'N'.
[[nodiscard]] std::string ssl_request_message();

/// CancelRequest for the backend that owns `key` (process id and secret, as in BackendKeyData).
[[nodiscard]] std::string cancel_request_message(std::string_view key);

/// The value of one field ('C' for the SQLSTATE, 'S' for the severity) in the body of an
/// ErrorResponse or NoticeResponse; empty when it is absent or the body is malformed.
[[nodiscard]] std::string_view error_field(std::string_view body, char field) noexcept;

} // namespace wakegate::wire
