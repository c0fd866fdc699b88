#include "proxy/auth/scram_client.hpp"

#include "common/base64.hpp"
#include "proxy/auth/saslprep.hpp"
#include "proxy/auth/scram_attributes.hpp"
#include "proxy/auth/scram_keys.hpp"
#include "proxy/wire/authentication_messages.hpp"

#include <algorithm>
#include <cassert>
#include <charconv>
#include <optional>
#include <utility>

namespace wakegate::auth {

namespace {

scram_failure malformed(const std::string& detail) {
    return {scram_error::malformed, "malformed SCRAM message from the server: " + detail};
}

std::optional<std::uint32_t> parse_iterations(std::string_view digits) {
    std::uint32_t value = 0;
    const auto* const end = digits.data() + digits.size();
    const auto [stop, error] = std::from_chars(digits.data(), end, value);
    if (error != std::errc() || stop != end || value == 0 ||
        value > scram_verifier::max_iterations) {
        return std::nullopt;
    }
    return value;
}

scram_client::check_result check_text(std::string_view message) {
    if (message.size() > scram_client::max_message) {
        return malformed(
            "it is longer than " + std::to_string(scram_client::max_message) + " bytes"
        );
    }
    if (message.find('\0') != std::string_view::npos) {
        return malformed("it holds a zero byte");
    }
    return {};
}

bool contains(const std::vector<std::string_view>& names, std::string_view name) {
    return std::find(names.begin(), names.end(), name) != names.end();
}

std::string printable(std::string_view text) {
    std::string result(text);
    std::replace_if(
        result.begin(), result.end(), [](char byte) { return byte < ' ' || byte > '~'; }, '?'
    );
    return result;
}

} // namespace

scram_client::scram_client(scram_login_keys keys, exchange_parameters parameters)
    : secret_(std::move(keys)), parameters_(std::move(parameters)) {
    assert(is_nonce(parameters_.nonce));
}

scram_client::scram_client(secret_text password, exchange_parameters parameters)
    : secret_(std::move(password)), parameters_(std::move(parameters)) {
    assert(is_nonce(parameters_.nonce));
}

scram_client::step scram_client::begin(std::string_view mechanisms) {
    if (std::exchange(stage_, stage::failed) != stage::mechanism) {
        return malformed("AuthenticationSASL comes once");
    }
    const auto offered = wire::parse_sasl_mechanisms(mechanisms);
    if (!offered) {
        return malformed("its list of mechanisms is broken");
    }
    binding_ = !parameters_.end_point_hash.empty() && contains(*offered, binding_mechanism);
    if (!binding_ && !contains(*offered, plain_mechanism)) {
        return scram_failure{
            scram_error::no_mechanism, "the server offers no SCRAM-SHA-256 that can be used here"
        };
    }
    // "y" tells a server that offers -PLUS that a third party removed it (RFC 5802 section 6).
    gs2_header_ = binding_ ? "p=" + std::string(binding_type) + ",,"
                           : (parameters_.end_point_hash.empty() ? "n,," : "y,,");
    // No user name: Postgres takes the startup message's (auth-scram.c).
    client_first_ = "n=,r=" + parameters_.nonce;
    stage_ = stage::server_first;
    return scram_message{wire::sasl_initial_response(
        binding_ ? binding_mechanism : plain_mechanism, gs2_header_ + client_first_
    )};
}

scram_client::step scram_client::prove(std::string_view server_first) {
    if (std::exchange(stage_, stage::failed) != stage::server_first) {
        return malformed("AuthenticationSASLContinue is out of turn");
    }
    if (auto checked = check_text(server_first); !checked) {
        return std::move(checked).error();
    }
    return read_server_first(server_first);
}

scram_client::step scram_client::read_server_first(std::string_view message) {
    scram_attributes attributes(message);
    const auto nonce = attributes.take('r');
    const auto encoded_salt = nonce ? attributes.take('s') : std::nullopt;
    const auto digits = encoded_salt ? attributes.take('i') : std::nullopt;
    if (!digits) {
        return malformed(attributes.error());
    }
    if (attributes.has_more()) {
        return malformed("garbage at the end of server-first-message");
    }
    if (!is_nonce(*nonce) || !nonce->starts_with(parameters_.nonce) ||
        nonce->size() == parameters_.nonce.size()) {
        return malformed("its nonce does not extend ours");
    }
    const auto salt = decode_base64(*encoded_salt);
    if (!salt || salt->empty() || salt->size() > scram_verifier::max_salt_size) {
        return malformed("invalid salt");
    }
    const auto iterations = parse_iterations(*digits);
    if (!iterations) {
        return malformed("invalid iteration count");
    }
    if (auto checked = set_keys(*salt, *iterations); !checked) {
        return std::move(checked).error();
    }

    const auto bound = binding_ ? gs2_header_ + parameters_.end_point_hash : gs2_header_;
    const auto without_proof = "c=" + encode_base64(bound) + ",r=" + std::string(*nonce);
    const auto signed_text = client_first_ + "," + std::string(message) + "," + without_proof;
    const auto client_signature = hmac(hash(keys_.client_key.view()).view(), signed_text);
    server_signature_ = hmac(keys_.server_key.view(), signed_text);
    const auto proof = exclusive_or(keys_.client_key, client_signature);
    stage_ = stage::server_final;
    return scram_message{wire::sasl_response(without_proof + ",p=" + encode_base64(proof.view()))};
}

scram_client::check_result scram_client::set_keys(std::string_view salt, std::uint32_t iterations) {
    if (const auto* const password = std::get_if<secret_text>(&secret_)) {
        const auto salted = salted_password(saslprep(password->view()).view(), salt, iterations);
        keys_ = {client_key_of(salted), server_key_of(salted), std::string(salt), iterations};
        return {};
    }
    keys_ = std::get<scram_login_keys>(secret_);
    if (keys_.salt != salt || keys_.iterations != iterations) {
        return scram_failure{
            scram_error::stale_verifier,
            "stale verifier: the server's salt or iteration count is another, so the role's "
            "password was set again since its verifier was read"
        };
    }
    return {};
}

scram_client::check_result scram_client::check_server(std::string_view server_final) {
    if (std::exchange(stage_, stage::failed) != stage::server_final) {
        return malformed("AuthenticationSASLFinal is out of turn");
    }
    if (auto checked = check_text(server_final); !checked) {
        return std::move(checked).error();
    }
    scram_attributes attributes(server_final);
    if (attributes.peek() == 'e') {
        const auto error = attributes.take('e');
        return scram_failure{
            scram_error::server_refused,
            "the server refuses: " + printable(error.value_or(std::string_view()))
        };
    }
    const auto encoded = attributes.take('v');
    if (!encoded) {
        return malformed(attributes.error());
    }
    if (attributes.has_more()) {
        return malformed("garbage at the end of server-final-message");
    }
    const auto signature = decode_base64(*encoded);
    if (!signature || signature->size() != scram_key::size) {
        return malformed("invalid server signature");
    }
    if (scram_key(*signature) != server_signature_) {
        return scram_failure{
            scram_error::bad_server_signature,
            "the server's signature is wrong: it does not hold the role's verifier"
        };
    }
    stage_ = stage::finished;
    return {};
}

} // namespace wakegate::auth
