#include "proxy/auth/backend_login.hpp"

#include "proxy/wire/authentication_messages.hpp"
#include "proxy/wire/bytes.hpp"
#include "proxy/wire/login_reply.hpp"

#include <utility>

namespace wakegate::auth {
namespace {

constexpr std::size_t length_size = 4;
constexpr std::size_t header_size = 1 + length_size;

std::string unsupported(wire::authentication_kind kind) {
    const std::string remedy = "; only SCRAM-SHA-256 works with auth: scram, so store the role's "
                               "password as one, or use auth: passthrough";
    switch (kind) {
    case wire::authentication_kind::cleartext_password:
        return "the server asks for the password in the clear" + remedy;
    case wire::authentication_kind::md5_password:
        return "the server asks for an md5 password" + remedy;
    default:
        return "the server asks for authentication method " +
               std::to_string(static_cast<std::uint32_t>(kind)) + remedy;
    }
}

} // namespace

backend_login::backend_login(scram_client client) : client_(std::move(client)) {}

backend_login::progress backend_login::receive(std::string_view bytes) {
    pending_.append(bytes);
    while (!accepted_ && pending_.size() >= header_size) {
        if (pending_.front() == 'E') {
            return classify_remaining();
        }
        const auto length = wire::load_uint32(pending_, 1);
        if (length < length_size || length > wire::max_login_reply) {
            return fail("the answer is not the Postgres protocol");
        }
        if (pending_.size() < 1 + length) {
            return progress::incomplete;
        }
        const std::string frame = pending_.substr(0, 1 + length);
        pending_.erase(0, frame.size());
        const auto next = take_frame(frame.front(), std::string_view(frame).substr(header_size));
        if (next != progress::incomplete) {
            return next;
        }
    }
    return accepted_ ? classify_remaining() : progress::incomplete;
}

backend_login::progress backend_login::take_frame(char type, std::string_view body) {
    switch (type) {
    case 'R':
        return take_authentication(body);
    case 'N': // a notice before AuthenticationOk; the client's login has no place for it
    case 'v': // names options that the server lacks; the proxy has requested none
        return progress::incomplete;
    default:
        return fail("the answer is not the Postgres protocol");
    }
}

backend_login::progress backend_login::take_authentication(std::string_view body) {
    const auto request = wire::parse_authentication(body);
    if (!request) {
        return fail("the answer is not the Postgres protocol");
    }
    switch (request->kind) {
    case wire::authentication_kind::ok:
        if (proof_requested_ && !client_.finished()) {
            return fail(
                "the server did not prove that it knows the role", scram_error::bad_server_signature
            );
        }
        accepted_ = true;
        return progress::incomplete;
    case wire::authentication_kind::sasl:
        proof_requested_ = true;
        return take_sasl(client_.begin(request->data));
    case wire::authentication_kind::sasl_continue:
        return take_sasl(client_.prove(request->data));
    case wire::authentication_kind::sasl_final: {
        const auto checked = client_.check_server(request->data);
        return checked ? progress::incomplete : fail(checked.error().reason, checked.error().error);
    }
    default:
        return fail(unsupported(request->kind));
    }
}

backend_login::progress backend_login::take_sasl(const scram_client::step& answer) {
    if (const auto* failure = std::get_if<scram_failure>(&answer)) {
        return fail(failure->reason, failure->error);
    }
    reply_ = std::get<scram_message>(answer).bytes;
    return progress::incomplete;
}

backend_login::progress backend_login::classify_remaining() {
    switch (wire::classify_login_reply(pending_)) {
    case wire::login_reply::incomplete:
        return progress::incomplete;
    case wire::login_reply::proceed:
        return progress::logged_in;
    case wire::login_reply::unavailable:
        return progress::unavailable;
    case wire::login_reply::refused:
        pending_ = wire::as_error_response(std::move(pending_));
        return progress::refused;
    case wire::login_reply::malformed:
        break;
    }
    return fail("the answer is not the Postgres protocol");
}

backend_login::progress backend_login::fail(std::string text, std::optional<scram_error> error) {
    failure_ = {.error = error, .text = std::move(text)};
    return progress::failed;
}

std::string backend_login::take_reply() {
    return std::exchange(reply_, {});
}

std::string backend_login::take_remaining() {
    return std::exchange(pending_, {});
}

} // namespace wakegate::auth
