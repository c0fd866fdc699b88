#pragma once

#include "common/clock.hpp"
#include "proxy/auth/scram_server_error.hpp"
#include "proxy/wire/authentication_messages.hpp"

#include <boost/system/result.hpp>

#include <cstdint>

namespace wakegate::proxy {

/// Why a client may not log in. The log tells these apart, clients mostly can't: see
/// `to_client_error`.
enum class auth_errc : std::uint8_t {
    client_disconnected,    ///< e.g. psql, which goes to ask for the password
    certificate_not_mapped, ///< the client's certificate is good, but not for this role
    unsupported_protocol,
    malformed_message,
    timeout,
    throttled,               ///< too many earlier failures
    throttled_without_roles, ///< the same, while no role of the cluster is known
    sasl_failed,             ///< malformed SCRAM, or an unsupported option
    channel_binding,         ///< a third party between client and gate

    // Wrong proofs. Clients can't tell these apart.
    wrong_password,
    expired,        ///< past its VALID UNTIL
    unknown_role,   ///< neither the operator's files nor the server have it
    no_verifier,    ///< the server has it with an md5 hash, or without a password
    no_roles_known, ///< no role of the cluster is known, see `auth_query` and `verifier_cache`
};

struct auth_error {
    auth_errc code{};
    duration retry_after{};                ///< of `throttled` and `throttled_without_roles`
    wire::sasl_message_error message = {}; ///< of `malformed_message`
    auth::scram_server_error sasl = {};    ///< for `sasl_failed`, `channel_binding`
};

template <typename T = void> using auth_result = boost::system::result<T, auth_error>;

} // namespace wakegate::proxy
