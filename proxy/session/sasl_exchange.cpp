#include "proxy/session/sasl_exchange.hpp"

#include "proxy/net/phase_deadline.hpp"
#include "proxy/net/read_message.hpp"
#include "proxy/session/randomness.hpp"
#include "proxy/wire/authentication_messages.hpp"

#include <utility>

namespace wakegate::proxy {
namespace {

namespace asio = boost::asio;

/// To be said before the client's next message, or with it the last word.
std::string to_message(const auth::scram_result& answer) {
    if (const auto* challenge = std::get_if<auth::scram_challenge>(&answer)) {
        return wire::authentication_sasl_continue(challenge->data);
    }
    if (const auto* success = std::get_if<auth::scram_success>(&answer)) {
        return wire::authentication_sasl_final(success->data);
    }
    return {};
}

client_error to_refusal(auth::login_error refused) {
    return {
        .sqlstate = refused.sqlstate,
        .message = std::move(refused.message),
        .hint = {},
        .detail = std::move(refused.detail),
    };
}

} // namespace

asio::awaitable<sasl_result> sasl_exchange(
    client_socket& client,
    auth::scram_account subject,
    std::string role,
    milliseconds timeout,
    throttle_check objection
) {
    const phase_deadline deadline(client.socket(), timeout);
    const auto gone = [&deadline] {
        return deadline.expired() ? sasl_result(authentication_too_slow())
                                  : sasl_result(client_disconnected());
    };
    auth::scram_server server(
        std::move(subject),
        {.role = std::move(role),
         .nonce = fresh_nonce(),
         .end_point_hash = client.uses_tls() ? client.tls()->own_end_point_hash() : std::string()}
    );
    wire::sasl_message_decoder decoder;
    auto next = wire::authentication_sasl(server.mechanisms());
    for (;;) {
        const bool said = co_await client.write(next);
        if (!said) {
            co_return gone();
        }
        const bool answered = co_await read_message(client, decoder);
        if (!answered) {
            co_return gone();
        }
        if (auto malformed = decoder.error(); !malformed.empty()) {
            co_return sasl_result(bad_startup(malformed));
        }
        if (auto refused = server.awaits_proof() ? objection() : std::nullopt) {
            co_return sasl_result(*std::move(refused));
        }
        auto answer = server.receive(decoder.take_body());
        if (auto* refused = std::get_if<auth::login_error>(&answer)) {
            co_return sasl_result(to_refusal(std::move(*refused)));
        }
        next = to_message(answer);
        if (auto* success = std::get_if<auth::scram_success>(&answer)) {
            const bool told = co_await client.write(next);
            if (!told) {
                co_return gone();
            }
            co_return sasl_result(sasl_success{std::move(success->keys)});
        }
    }
}

} // namespace wakegate::proxy
