#pragma once

#include "proxy/auth/scram_verifier.hpp"

#include <boost/system/result.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

namespace wakegate::auth {

/// Why the proxy's own login at a server failed. For the log and for the session's next step; the
/// client's error says only that the login at the server failed.
enum class scram_error {
    no_mechanism,   ///< the server offers neither SCRAM-SHA-256 nor its -PLUS
    stale_verifier, ///< salt or iterations are not those of the keys: the password has been set
                    ///< again since the verifier was read
    server_refused, ///< it sent e=...
    bad_server_signature, ///< its signature is wrong: it doesn't have the role's verifier
    malformed,            ///< not RFC 5802, or longer than `scram_client::max_message`
};

struct scram_failure {
    scram_error error;
    std::string reason; ///< one line, without secrets

    friend bool operator==(const scram_failure&, const scram_failure&) = default;
};

/// The whole 'p' message to send.
struct scram_message {
    std::string bytes;

    friend bool operator==(const scram_message&, const scram_message&) = default;
};

/// The client's side of one SCRAM-SHA-256(-PLUS) login at a server: RFC 5802, RFC 7677.
///
///     scram_client client(keys, {.nonce = ..., .end_point_hash = ...});
///     AuthenticationSASL:         send(client.begin(its data))
///     AuthenticationSASLContinue: send(client.prove(its data))
///     AuthenticationSASLFinal:    client.check_server(its data)
///
/// AuthenticationOk without the last step means a server that has proved nothing: `finished` is
/// false then, and the login is not to be trusted. Pure; one thread, one login.
class scram_client {
public:
    /// libpq takes any size; no verifier that the proxy accepts needs more.
    static constexpr std::size_t max_message = 1'024;

    struct exchange_parameters {
        std::string nonce; ///< 18 random bytes in base64, never used before
        /// Of the server's certificate (RFC 5929 section 4); empty without TLS.
        std::string end_point_hash = {};
    };

    /// With keys recovered from a client's proof, without a password.
    scram_client(scram_login_keys keys, exchange_parameters parameters);
    /// With a password. `prove` then takes as long as the server's iterations do, 1 ms per 4,096,
    /// and refuses more than scram_verifier::max_iterations.
    scram_client(secret_text password, exchange_parameters parameters);

    using step = std::variant<scram_message, scram_failure>;
    using check_result = boost::system::result<void, scram_failure>;

    [[nodiscard]] step begin(std::string_view mechanisms);
    [[nodiscard]] step prove(std::string_view server_first);
    [[nodiscard]] check_result check_server(std::string_view server_final);

    [[nodiscard]] bool finished() const noexcept { return stage_ == stage::finished; }

private:
    enum class stage {
        mechanism,
        server_first,
        server_final,
        finished,
        failed,
    };

    [[nodiscard]] step read_server_first(std::string_view message);
    [[nodiscard]] check_result set_keys(std::string_view salt, std::uint32_t iterations);

    std::variant<scram_login_keys, secret_text> secret_;
    scram_login_keys keys_; ///< complete once the server's salt is known
    exchange_parameters parameters_;
    stage stage_ = stage::mechanism;
    bool binding_ = false;
    std::string gs2_header_;
    std::string client_first_;   ///< bare
    scram_key server_signature_; ///< the expected one
};

} // namespace wakegate::auth
