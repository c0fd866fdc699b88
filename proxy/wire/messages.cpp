#include "proxy/wire/messages.hpp"

#include "proxy/wire/bytes.hpp"

#include <cstddef>
#include <cstdint>

namespace wakegate::wire {

namespace {

constexpr std::uint32_t cancel_request_code = 80877102;
constexpr std::uint32_t ssl_request_code = 80877103;
constexpr std::uint32_t protocol_version_3_0 = 0x0003'0000;

void append_field(std::string& body, char field, std::string_view value) {
    body.push_back(field);
    body.append(value.substr(0, value.find('\0'))
    ); // a zero byte would end the field for the client
    body.push_back('\0');
}

/// ErrorResponse or NoticeResponse; a detail or hint without a value is left out.
std::string report(
    char type,
    std::string_view severity,
    std::string_view sqlstate,
    std::string_view message,
    std::string_view detail,
    std::string_view hint
) {
    std::string body;
    append_field(body, 'S', severity);
    append_field(body, 'V', severity);
    append_field(body, 'C', sqlstate);
    append_field(body, 'M', message);
    if (!detail.empty()) {
        append_field(body, 'D', detail);
    }
    if (!hint.empty()) {
        append_field(body, 'H', hint);
    }
    body.push_back('\0');
    std::string bytes(1, type);
    append_uint32(bytes, static_cast<std::uint32_t>(sizeof(std::uint32_t) + body.size()));
    return bytes + body;
}

} // namespace

std::string error_response(const error_fields& fields) {
    return report(
        'E', fields.severity, fields.sqlstate, fields.message, fields.detail, fields.hint
    );
}

std::string error_response_2_0(std::string_view message) {
    std::string bytes = "EFATAL:  ";
    bytes.append(message).push_back('\n');
    bytes.push_back('\0');
    return bytes;
}

std::string notice_response(const notice_fields& fields) {
    return report('N', fields.severity, fields.sqlstate, fields.message, {}, fields.hint);
}

std::string startup_message_bytes(
    std::uint32_t protocol, const std::vector<std::pair<std::string, std::string>>& parameters
) {
    std::string body;
    append_uint32(body, protocol);
    for (const auto& [name, value] : parameters) {
        body.append(name).push_back('\0');
        body.append(value).push_back('\0');
    }
    body.push_back('\0');
    std::string message;
    append_uint32(message, static_cast<std::uint32_t>(sizeof(std::uint32_t) + body.size()));
    return message + body;
}

std::string startup_message_3_0(const std::vector<std::pair<std::string, std::string>>& parameters
) {
    return startup_message_bytes(protocol_version_3_0, parameters);
}

std::string ssl_request_message() {
    std::string message;
    append_uint32(message, 2 * sizeof(std::uint32_t));
    append_uint32(message, ssl_request_code);
    return message;
}

std::string cancel_request_message(std::string_view key) {
    std::string message;
    const auto length = 2 * sizeof(std::uint32_t) + key.size();
    append_uint32(message, static_cast<std::uint32_t>(length));
    append_uint32(message, cancel_request_code);
    message.append(key);
    return message;
}

std::string_view error_field(std::string_view body, char field) noexcept {
    while (!body.empty() && body.front() != '\0') {
        const auto end = body.find('\0');
        if (end == std::string_view::npos) {
            return {};
        }
        if (body.front() == field) {
            return body.substr(1, end - 1);
        }
        body.remove_prefix(end + 1);
    }
    return {};
}

} // namespace wakegate::wire
