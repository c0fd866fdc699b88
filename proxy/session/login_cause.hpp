#pragma once

#include <cstdint>
#include <string_view>

namespace wakegate::proxy {

/// Why a login was refused, for the log alone: a client is not told these apart.
enum class login_cause : std::uint8_t {
    unknown_role,   ///< neither the operator's files nor the server have it
    no_verifier,    ///< the server has it with an md5 hash, or without a password
    no_roles_known, ///< of nobody is anything known, see `auth_query` and `verifier_cache`
    bad_password,
    expired,   ///< past its VALID UNTIL
    throttled, ///< too many failures before it
    certificate_not_mapped,
    channel_binding, ///< somebody stands between client and gate
    timeout,
    protocol, ///< malformed messages, or a wish that is not granted

    // From here on the server's, after a proof that the gate has taken.
    old_verifier, ///< the server has another password than the gate knows of
    server_login, ///< the server asks for something else, or does not prove itself
};

/// As logs spell it.
[[nodiscard]] std::string_view to_string(login_cause cause) noexcept;

/// What was known of a role when its client was asked for a proof.
struct role_standing {
    bool is_known = false;
    bool has_expired = false;
    bool lacks_verifier = false;
    bool nobody_is_known = false; ///< of the whole cluster
};

/// Of a login that was refused with this SQLSTATE.
[[nodiscard]] login_cause
cause_of_refusal(std::string_view sqlstate, const role_standing& role) noexcept;

/// As logs spell it: of one that the server has not let in, though the gate has. Empty when
/// `sqlstate` is not about who the client is.
[[nodiscard]] std::string_view server_refusal_cause(std::string_view sqlstate) noexcept;

} // namespace wakegate::proxy
