#include "proxy/session/sasl_exchange.hpp"

#include "common/random.hpp"
#include "proxy/auth/scram_attributes.hpp"
#include "proxy/net/phase_deadline.hpp"
#include "proxy/net/read_message.hpp"
#include "proxy/wire/authentication_messages.hpp"

#include <utility>
#include <variant>

namespace wakegate::proxy {
namespace {

namespace asio = boost::asio;

/// Sent before the client's next message, or as the last one.
std::string to_message(const auth::scram_result& answer) {
    if (const auto* challenge = std::get_if<auth::scram_challenge>(&answer)) {
        return wire::authentication_sasl_continue(challenge->data);
    }
    if (const auto* success = std::get_if<auth::scram_success>(&answer)) {
        return wire::authentication_sasl_final(success->data);
    }
    return {};
}

auth_error to_auth_error(auth::scram_server_error error) {
    switch (error.code) {
    case auth::scram_server_errc::wrong_proof:
        return {.code = auth_errc::wrong_password};
    case auth::scram_server_errc::binding_negotiation:
    case auth::scram_server_errc::binding_mismatch:
        return {.code = auth_errc::channel_binding, .sasl = std::move(error)};
    default:
        return {.code = auth_errc::sasl_failed, .sasl = std::move(error)};
    }
}

} // namespace

asio::awaitable<auth_result<auth::scram_login_keys>> sasl_exchange(
    client_socket& client, auth::scram_account subject, milliseconds timeout, throttle_check check
) {
    const phase_deadline deadline(client.socket(), timeout);
    const auto disconnected = [&deadline] {
        const bool is_late = deadline.expired();
        return auth_error{is_late ? auth_errc::timeout : auth_errc::client_disconnected};
    };
    auth::scram_server server(
        std::move(subject),
        {.nonce = random_base64(auth::raw_nonce_size),
         .end_point_hash = client.uses_tls() ? client.tls()->own_end_point_hash() : std::string()}
    );
    wire::sasl_message_decoder decoder;
    auto next = wire::authentication_sasl(server.mechanisms());
    for (;;) {
        const bool sent = co_await client.write(next);
        if (!sent) {
            co_return disconnected();
        }
        const bool answered = co_await read_message(client, decoder);
        if (!answered) {
            co_return disconnected();
        }
        if (const auto malformed = decoder.error()) {
            co_return auth_error{.code = auth_errc::malformed_message, .message = *malformed};
        }
        const auto allowed = server.awaits_proof() ? check() : auth_result<>();
        if (!allowed) {
            co_return allowed.error();
        }
        auto answer = server.receive(decoder.take_body());
        if (auto* const failed = std::get_if<auth::scram_server_error>(&answer)) {
            co_return to_auth_error(std::move(*failed));
        }
        next = to_message(answer);
        if (auto* const success = std::get_if<auth::scram_success>(&answer)) {
            const bool final_sent = co_await client.write(next);
            if (!final_sent) {
                co_return disconnected();
            }
            co_return std::move(success->keys);
        }
    }
}

} // namespace wakegate::proxy
