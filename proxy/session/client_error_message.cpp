/// How a client's error is encoded.

#include "proxy/session/client_error.hpp"
#include "proxy/wire/messages.hpp"

namespace wakegate::proxy {
namespace {

/// One record (RFC 8446, 5.1) with one fatal alert, in a version that all clients read.
std::string tls_alert(std::string_view sqlstate) {
    constexpr char internal_error = 80;
    constexpr char unrecognized_name = 112;
    std::string alert = {0x15, 3, 3, 0, 2, 2};
    alert += sqlstate == "3D000" ? unrecognized_name : internal_error;
    return alert;
}

} // namespace

std::string client_error::to_message() const {
    switch (form) {
    case error_form::tls_alert:
        return tls_alert(sqlstate);
    case error_form::protocol_2:
        return wire::error_response_2_0(message);
    case error_form::protocol_3:
        break;
    }
    return wire::error_response(
        {.sqlstate = sqlstate, .message = message, .detail = detail, .hint = hint}
    );
}

} // namespace wakegate::proxy
