#include "proxy/wire/login_reply.hpp"

#include "proxy/wire/bytes.hpp"
#include "proxy/wire/messages.hpp"

#include <algorithm>
#include <cstdint>

namespace wakegate::wire {

namespace {

constexpr std::size_t length_size = 4;
constexpr std::size_t header_size = 1 + length_size;
constexpr std::uint32_t authentication_ok = 0;

// libpq's MAX_ERRLEN and least length, by which it tells the two kinds of error apart
// (fe-connect.c, PQconnectPoll).
constexpr std::uint32_t min_error_length = 8;
constexpr std::uint32_t max_error_length = 30'000;

login_reply classify_authentication(std::string_view body, std::uint32_t body_size) noexcept {
    if (body_size < sizeof(std::uint32_t)) {
        return login_reply::malformed;
    }
    if (body.size() < sizeof(std::uint32_t) || load_uint32(body) == authentication_ok) {
        return login_reply::incomplete;
    }
    return login_reply::proceed;
}

bool has_a_length(std::string_view error) noexcept {
    const auto length = load_uint32(error, 1);
    return length >= min_error_length && length <= max_error_length;
}

/// A postmaster that cannot fork says so as in protocol 2: 'E', the text, a zero byte, no length
/// (postmaster.c, report_fork_failure_to_client). libpq shows it, so the client gets it.
login_reply classify_plain_error(std::string_view text) noexcept {
    if (text.substr(0, max_error_length).find('\0') != std::string_view::npos) {
        return login_reply::refused;
    }
    return text.size() < max_error_length ? login_reply::incomplete : login_reply::malformed;
}

login_reply classify_error(std::string_view body, std::uint32_t body_size) noexcept {
    if (body.size() < body_size) {
        return login_reply::incomplete;
    }
    // admin_shutdown, crash_shutdown, cannot_connect_now
    constexpr std::string_view unavailable[] = {"57P01", "57P02", "57P03"};
    const auto sqlstate = error_field(body, 'C');
    const bool is_unavailable =
        std::find(std::begin(unavailable), std::end(unavailable), sqlstate) !=
        std::end(unavailable);
    return is_unavailable ? login_reply::unavailable : login_reply::refused;
}

/// `body` holds as much of it as has arrived.
login_reply classify_frame(char type, std::string_view body, std::uint32_t body_size) noexcept {
    switch (type) {
    case 'R': // Authentication...
        return classify_authentication(body, body_size);
    case 'E': // ErrorResponse
        return classify_error(body, body_size);
    case 'Z': // ReadyForQuery
        return login_reply::proceed;
    case 'S': // ParameterStatus
    case 'K': // BackendKeyData
    case 'N': // NoticeResponse
    case 'v': // NegotiateProtocolVersion
        return login_reply::incomplete;
    default:
        return login_reply::malformed;
    }
}

} // namespace

login_reply classify_login_reply(std::string_view received) noexcept {
    std::size_t at = 0;
    while (received.size() - at >= header_size) {
        const char type = received[at];
        const auto length = load_uint32(received, at + 1);
        if (type == 'E' && at == 0 && !has_a_length(received)) {
            return classify_plain_error(received.substr(1));
        }
        if (length < length_size || length > max_login_reply - at - 1) {
            return login_reply::malformed;
        }
        const auto body_size = length - static_cast<std::uint32_t>(length_size);
        const auto body = received.substr(at + header_size, body_size);
        const auto reply = classify_frame(type, body, body_size);
        if (reply != login_reply::incomplete || body.size() < body_size) {
            return reply;
        }
        at += header_size + body_size;
        if (at >= max_login_reply) {
            return login_reply::malformed;
        }
    }
    return login_reply::incomplete;
}

std::string as_error_response(std::string refused) {
    if (!refused.starts_with('E') || refused.size() < header_size || has_a_length(refused)) {
        return refused;
    }
    std::string_view text = std::string_view(refused).substr(1, refused.find('\0') - 1);
    text = text.substr(0, text.find_last_not_of('\n') + 1);
    return error_response({.sqlstate = "53000", .message = text}); // insufficient_resources
}

} // namespace wakegate::wire
