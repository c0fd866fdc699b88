#pragma once

#include "proxy/auth/scram_client.hpp"
#include "proxy/auth/scram_server.hpp"
#include "proxy/session/client_error.hpp"
#include "proxy/wire/authentication_messages.hpp"

#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace wakegate::support {

constexpr std::size_t header_size = 5;    // type and length of a message
constexpr std::size_t server_data_at = 9; // header and authentication code

inline std::string body_of(const std::string& message) {
    return message.substr(header_size);
}

/// The body of a SASLInitialResponse.
inline std::string initial(std::string_view mechanism, std::optional<std::string_view> data) {
    return body_of(wire::sasl_initial_response(mechanism, data));
}

/// The error that the proxy would send the client.
inline proxy::client_error
client_error_of(const auth::scram_server_error& error, std::string_view role) {
    const bool is_wrong = error.code == auth::scram_server_errc::wrong_proof;
    const auto code = is_wrong ? proxy::auth_errc::wrong_password : proxy::auth_errc::sasl_failed;
    return proxy::to_client_error(proxy::auth_error{.code = code, .sasl = error}, role);
}

/// SQLSTATE, message and detail in one line, as sent to `role`.
inline std::string refusal_of(const auth::scram_result& answer, std::string_view role = "ann") {
    if (const auto* const error = std::get_if<auth::scram_server_error>(&answer)) {
        const auto refusal = client_error_of(*error, role);
        auto text = std::string(refusal.sqlstate) + " " + refusal.message;
        return refusal.detail.empty() ? text : text + ": " + refusal.detail;
    }
    return "not refused";
}

struct exchange_outcome {
    std::optional<auth::scram_login_keys> keys = {}; ///< set when the server accepts the proof
    bool server_proved = false;                      ///< the client accepts the server's
    std::string trouble = {};                        ///< the first failure's reason
};

/// Changes a message in transit; 0 to 3 is its place in the exchange. The first is a whole message
/// body; the others are SASL data.
using interference = std::function<std::string(int, std::string)>;

inline std::string untouched(int /*which*/, std::string message) {
    return message;
}

/// A whole login, client against server.
inline exchange_outcome
log_in(auth::scram_client& client, auth::scram_server& server, const interference& on_the_way) {
    exchange_outcome outcome;
    const auto offer = wire::authentication_sasl(server.mechanisms());
    const auto first = client.begin(std::string_view(offer).substr(server_data_at));
    if (const auto* const failure = std::get_if<auth::scram_failure>(&first)) {
        outcome.trouble = failure->reason;
        return outcome;
    }
    const auto challenge =
        server.receive(on_the_way(0, body_of(std::get<auth::scram_message>(first).bytes)));
    if (!std::holds_alternative<auth::scram_challenge>(challenge)) {
        outcome.trouble = refusal_of(challenge);
        return outcome;
    }
    const auto proof = client.prove(on_the_way(1, std::get<auth::scram_challenge>(challenge).data));
    if (const auto* const failure = std::get_if<auth::scram_failure>(&proof)) {
        outcome.trouble = failure->reason;
        return outcome;
    }
    const auto answer =
        server.receive(on_the_way(2, body_of(std::get<auth::scram_message>(proof).bytes)));
    if (!std::holds_alternative<auth::scram_success>(answer)) {
        outcome.trouble = refusal_of(answer);
        return outcome;
    }
    const auto& success = std::get<auth::scram_success>(answer);
    outcome.keys = success.keys;
    const auto checked = client.check_server(on_the_way(3, success.data));
    outcome.trouble = checked ? "" : checked.error().reason;
    outcome.server_proved = client.finished();
    return outcome;
}

} // namespace wakegate::support
