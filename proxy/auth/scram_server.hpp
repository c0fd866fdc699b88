#pragma once

#include "proxy/auth/scram_server_error.hpp"
#include "proxy/auth/scram_verifier.hpp"

#include <boost/system/result.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace wakegate::auth {

/// Data of an AuthenticationSASLContinue; the client answers it.
struct scram_challenge {
    std::string data;

    friend bool operator==(const scram_challenge&, const scram_challenge&) = default;
};

/// Data of the AuthenticationSASLFinal that precedes AuthenticationOk: the proof was right.
struct scram_success {
    std::string data;
    scram_login_keys keys; ///< log in as the role at the server the verifier is from

    friend bool operator==(const scram_success&, const scram_success&) = default;
};

using scram_result = std::variant<scram_challenge, scram_success, scram_server_error>;
using scram_check = boost::system::result<void, scram_server_error>;

/// What a client's proof is checked against.
struct scram_account {
    scram_verifier verifier;
    bool may_log_in = true; ///< false: every proof is wrong (unknown role, VALID UNTIL past)

    /// For a role with the verifier `known`; null: for an unknown role, which looks like any other
    /// and fails each login. `mock_auth_key` is random and permanent, so that the salt of an
    /// unknown role is the same at each attempt. `account_name` names the role and its cluster:
    /// equal salts in two clusters would reveal that neither has it. Takes the same time for known
    /// and unknown roles.
    [[nodiscard]] static scram_account
    of(const scram_verifier* known,
       std::string_view mock_auth_key,
       std::string_view account_name,
       std::uint32_t mock_iterations = scram_verifier::default_iterations);
};

/// The server's side of one SCRAM-SHA-256 or SCRAM-SHA-256-PLUS login: RFC 5802, RFC 7677, and
/// Postgres' auth-sasl.c and auth-scram.c for what they leave open and for what is an error.
/// Stricter than Postgres in what no well-behaved client sends: refuses an empty nonce, a repeated
/// attribute, a comma at the end, and a mandatory extension in the last message.
///
///     scram_server server(subject, {.role = ..., .nonce = ..., .end_point_hash = ...});
///     send(wire::authentication_sasl(server.mechanisms()));
///     until success or refusal: read a 'p' message; answer = server.receive(its body);
///
/// Pure; lives on one thread, for one login. Costs five hashes for any role.
class scram_server {
public:
    struct exchange_parameters {
        /// 18 random bytes in base64 (SCRAM_RAW_NONCE_LEN), never used before.
        std::string nonce;
        /// Of the certificate that the client got; empty without TLS, where there is no channel
        /// binding.
        std::string end_point_hash = {};
    };

    /// Precondition: `is_nonce(parameters.nonce)`.
    scram_server(scram_account account, exchange_parameters parameters);

    [[nodiscard]] std::vector<std::string_view> mechanisms() const;

    /// The next message must contain the proof.
    [[nodiscard]] bool awaits_proof() const noexcept { return stage_ == stage::client_final; }

    /// `body` of a SASLInitialResponse, then of SASLResponses. After a success or a refusal the
    /// login is over, and every further message is refused.
    [[nodiscard]] scram_result receive(std::string_view body);

private:
    enum class stage {
        mechanism,    ///< the next message names a mechanism
        client_first, ///< it named one and sent no data, which Postgres allows
        client_final, ///< the challenge has been returned
        over,
    };

    [[nodiscard]] scram_result choose_mechanism(std::string_view body);
    [[nodiscard]] scram_result read_client_first(std::string_view message);
    [[nodiscard]] scram_check read_binding_flag(std::string_view& message);
    [[nodiscard]] scram_check read_client_first_bare(std::string_view bare);
    [[nodiscard]] scram_result read_client_final(std::string_view message);
    [[nodiscard]] scram_check check_binding(std::string_view encoded) const;
    [[nodiscard]] scram_result
    check_proof(std::string_view without_proof, std::string_view encoded_proof) const;

    scram_account account_;
    exchange_parameters parameters_;
    stage stage_ = stage::mechanism;
    bool binding_ = false;     ///< SCRAM-SHA-256-PLUS was chosen
    std::string gs2_header_;   ///< "n,,", "y,,", "p=tls-server-end-point,,"
    std::string client_first_; ///< bare
    std::string server_first_;
    std::string nonce_; ///< the client's and ours
};

} // namespace wakegate::auth
