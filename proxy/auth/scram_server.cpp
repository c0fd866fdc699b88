#include "proxy/auth/scram_server.hpp"

#include "common/base64.hpp"
#include "proxy/auth/scram_attributes.hpp"
#include "proxy/auth/scram_keys.hpp"
#include "proxy/wire/authentication_messages.hpp"

#include <cassert>
#include <utility>

namespace wakegate::auth {

namespace {

scram_server_error malformed(std::string detail) {
    return {scram_server_errc::malformed_message, std::move(detail)};
}

/// Skips unknown attributes (RFC 5802 section 5.1), up to the one that `until` names. Refuses "m",
/// a mandatory extension, and attributes that are repeated or in the wrong place.
scram_check skip_extensions(scram_attributes& attributes, char until) {
    std::string seen;
    while (attributes.has_more() && (until == '\0' || attributes.peek() != until)) {
        const char name = attributes.peek();
        const bool is_letter = (name >= 'a' && name <= 'z') || (name >= 'A' && name <= 'Z');
        if (name == 'm') {
            return scram_server_error{scram_server_errc::unsupported_extension};
        }
        if (!is_letter || std::string_view("nrcpsiveaym").find(name) != std::string_view::npos ||
            seen.find(name) != std::string::npos) {
            return malformed(
                "Attribute expected, but found invalid character \"" + printable_byte(name) + "\"."
            );
        }
        seen.push_back(name);
        if (!attributes.take(name)) {
            return malformed(attributes.error());
        }
    }
    return {};
}

scram_check check_text(std::string_view message) {
    if (message.empty()) {
        return malformed("The message is empty.");
    }
    if (message.find('\0') != std::string_view::npos) {
        return malformed("Message length does not match input length.");
    }
    return {};
}

} // namespace

scram_account scram_account::of(
    const scram_verifier* known,
    std::string_view mock_auth_key,
    std::string_view account_name,
    std::uint32_t mock_iterations
) {
    // Computed for every role, so that the time it takes does not reveal unknown ones.
    const auto derived = hmac(mock_auth_key, account_name);
    const scram_verifier mock{
        .iterations = mock_iterations,
        .salt = std::string(derived.view().substr(0, scram_verifier::default_salt_size)),
        .stored_key = derived, // nobody knows a client key for it
        .server_key = derived,
    };
    return {known != nullptr ? *known : mock, known != nullptr};
}

scram_server::scram_server(scram_account account, exchange_parameters parameters)
    : account_(std::move(account)), parameters_(std::move(parameters)) {
    assert(is_nonce(parameters_.nonce));
}

std::vector<std::string_view> scram_server::mechanisms() const {
    if (parameters_.end_point_hash.empty()) {
        return {plain_mechanism};
    }
    return {binding_mechanism, plain_mechanism};
}

scram_result scram_server::receive(std::string_view body) {
    const auto now = std::exchange(stage_, stage::over);
    if (body.size() > wire::sasl_message_decoder::max_sasl_body) {
        return scram_server_error{scram_server_errc::message_too_long};
    }
    switch (now) {
    case stage::mechanism:
        return choose_mechanism(body);
    case stage::client_first:
        return read_client_first(body);
    case stage::client_final:
        return read_client_final(body);
    case stage::over:
        break;
    }
    return scram_server_error{scram_server_errc::exchange_over};
}

scram_result scram_server::choose_mechanism(std::string_view body) {
    const auto initial = wire::parse_sasl_initial(body);
    if (!initial) {
        return scram_server_error{scram_server_errc::malformed_initial_response};
    }
    binding_ = initial->mechanism == binding_mechanism && !parameters_.end_point_hash.empty();
    if (!binding_ && initial->mechanism != plain_mechanism) {
        return scram_server_error{scram_server_errc::unknown_mechanism};
    }
    if (!initial->data) {
        stage_ = stage::client_first;
        return scram_challenge{};
    }
    return read_client_first(*initial->data);
}

scram_result scram_server::read_client_first(std::string_view message) {
    if (auto checked = check_text(message); !checked) {
        return std::move(checked).error();
    }
    const auto whole = message;
    if (auto checked = read_binding_flag(message); !checked) {
        return std::move(checked).error();
    }
    if (!message.starts_with(',')) {
        return malformed(
            "Comma expected, but found character \"" +
            printable_byte(message.empty() ? '\0' : message[0]) + "\"."
        );
    }
    message.remove_prefix(1);
    if (message.starts_with('a')) {
        return scram_server_error{scram_server_errc::authorization_identity};
    }
    if (!message.starts_with(',')) {
        return malformed(
            "Unexpected attribute \"" + printable_byte(message.empty() ? '\0' : message[0]) +
            "\" in client-first-message."
        );
    }
    message.remove_prefix(1);
    gs2_header_ = whole.substr(0, whole.size() - message.size());

    if (auto checked = read_client_first_bare(message); !checked) {
        return std::move(checked).error();
    }
    client_first_ = message;
    server_first_ = "r=" + nonce_ + ",s=" + encode_base64(account_.verifier.salt) +
                    ",i=" + std::to_string(account_.verifier.iterations);
    stage_ = stage::client_final;
    return scram_challenge{server_first_};
}

/// gs2-cbind-flag of RFC 5802 section 7; auth-scram.c, read_client_first_message.
scram_check scram_server::read_binding_flag(std::string_view& message) {
    const char flag = message.front();
    if (flag != 'n' && flag != 'y' && flag != 'p') {
        return malformed("Unexpected channel-binding flag \"" + printable_byte(flag) + "\".");
    }
    if (flag != 'p' && binding_) {
        return malformed("The client selected SCRAM-SHA-256-PLUS, but the SCRAM message does not "
                         "include channel binding data.");
    }
    if (flag == 'y' && !parameters_.end_point_hash.empty()) {
        return scram_server_error{
            scram_server_errc::binding_negotiation,
            "The client supports SCRAM channel binding but thinks the server does not.  However, "
            "this server does support channel binding."
        };
    }
    if (flag != 'p') {
        message.remove_prefix(1);
        return {};
    }
    if (!binding_) {
        return malformed("The client selected SCRAM-SHA-256 without channel binding, but the SCRAM "
                         "message includes channel binding data.");
    }
    const auto type = message.substr(0, message.find(','));
    if (type.substr(0, 2) != "p=") {
        return malformed("Expected character \"=\" for attribute \"p\".");
    }
    if (type.substr(2) != binding_type) {
        return scram_server_error{
            scram_server_errc::unsupported_binding_type,
            "Only " + std::string(binding_type) + " is supported."
        };
    }
    message.remove_prefix(type.size());
    return {};
}

scram_check scram_server::read_client_first_bare(std::string_view bare) {
    scram_attributes attributes(bare);
    if (attributes.peek() == 'm') {
        return scram_server_error{scram_server_errc::unsupported_extension};
    }
    // The user name of the startup message counts, as in Postgres; libpq sends none here.
    if (!attributes.take('n')) {
        return malformed(attributes.error());
    }
    const auto nonce = attributes.take('r');
    if (!nonce) {
        return malformed(attributes.error());
    }
    if (!is_nonce(*nonce)) {
        return scram_server_error{scram_server_errc::non_printable_nonce};
    }
    nonce_ = std::string(*nonce) + parameters_.nonce;
    return skip_extensions(attributes, '\0');
}

scram_result scram_server::read_client_final(std::string_view message) {
    if (auto checked = check_text(message); !checked) {
        return std::move(checked).error();
    }
    scram_attributes attributes(message);
    const auto binding = attributes.take('c');
    if (!binding) {
        return malformed(attributes.error());
    }
    if (auto checked = check_binding(*binding); !checked) {
        return std::move(checked).error();
    }
    const auto nonce = attributes.take('r');
    if (!nonce) {
        return malformed(attributes.error());
    }
    if (auto checked = skip_extensions(attributes, 'p'); !checked) {
        return std::move(checked).error();
    }
    if (!attributes.has_more()) {
        return malformed("Attribute expected, but found end of string.");
    }
    // Up to the comma before the proof.
    const auto without_proof =
        message.substr(0, message.size() - attributes.remaining().size() - 1);
    const auto proof = attributes.take('p');
    if (!proof) {
        return malformed(attributes.error());
    }
    if (attributes.has_more()) {
        return malformed("Garbage found at the end of client-final-message.");
    }
    if (*nonce != nonce_) {
        return scram_server_error{scram_server_errc::nonce_mismatch, "Nonce does not match."};
    }
    return check_proof(without_proof, *proof);
}

scram_check scram_server::check_binding(std::string_view encoded) const {
    const auto expected =
        encode_base64(binding_ ? gs2_header_ + parameters_.end_point_hash : gs2_header_);
    if (encoded == expected) {
        return {};
    }
    if (binding_) {
        return scram_server_error{scram_server_errc::binding_mismatch};
    }
    return scram_server_error{scram_server_errc::unexpected_binding};
}

/// RFC 5802 section 3: ClientKey = ClientProof XOR HMAC(StoredKey, AuthMessage), and StoredKey is
/// its hash. Computed for unknown roles too, so that they take the same time.
scram_result
scram_server::check_proof(std::string_view without_proof, std::string_view encoded_proof) const {
    const auto proof = decode_base64(encoded_proof);
    if (!proof || proof->size() != scram_key::size) {
        return malformed("Malformed proof in client-final-message.");
    }
    const auto& verifier = account_.verifier;
    const auto signed_text = client_first_ + "," + server_first_ + "," + std::string(without_proof);
    const auto client_signature = hmac(verifier.stored_key.view(), signed_text);
    const auto client_key = exclusive_or(scram_key(*proof), client_signature);
    const auto server_signature = hmac(verifier.server_key.view(), signed_text);
    const bool is_right = hash(client_key.view()) == verifier.stored_key;
    if (!is_right || !account_.may_log_in) {
        return scram_server_error{scram_server_errc::wrong_proof};
    }
    return scram_success{
        "v=" + encode_base64(server_signature.view()),
        {client_key, verifier.server_key, verifier.salt, verifier.iterations}
    };
}

} // namespace wakegate::auth
