#pragma once

#include <cstdint>
#include <string>

namespace wakegate::auth {

/// Why a SCRAM login ends without success. Postgres tells these apart (auth-sasl.c, auth-scram.c).
enum class scram_server_errc : std::uint8_t {
    malformed_message,
    message_too_long,
    exchange_over, ///< a message after success or failure
    malformed_initial_response,
    unknown_mechanism,
    unsupported_extension,
    authorization_identity, ///< the client wants to act as another user
    non_printable_nonce,
    nonce_mismatch,
    unsupported_binding_type,
    unexpected_binding,  ///< channel binding data of a client that chose none
    binding_negotiation, ///< a third party between client and proxy has removed the offer
    binding_mismatch,    ///< the client saw another certificate
    wrong_proof,         ///< or the role may not log in, whatever the proof
};

struct scram_server_error {
    scram_server_errc code{};
    /// Postgres's text, printable ASCII, safe for the client; empty where Postgres has none.
    std::string detail = {};

    friend bool operator==(const scram_server_error&, const scram_server_error&) = default;
};

} // namespace wakegate::auth
