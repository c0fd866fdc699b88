#pragma once

#include "common/clock.hpp"
#include "proxy/auth/role_table.hpp"
#include "proxy/cluster/cluster.hpp"
#include "proxy/net/client_socket.hpp"
#include "proxy/session/auth_error.hpp"
#include "proxy/session/login_limiter.hpp"
#include "proxy/wire/startup_decoder.hpp"

#include <boost/asio/awaitable.hpp>

#include <cstdint>
#include <memory>

namespace wakegate::proxy {

/// To log in at the server in the client's name.
using backend_credentials = std::unique_ptr<const auth::backend_secret>;

struct authenticated_client {
    backend_credentials credentials = nullptr; ///< null with `auth: passthrough` alone
    std::uint32_t protocol = 0;                ///< agreed on with the client
};

/// What is known of a role when its client has to prove itself.
struct role_status {
    bool is_known = false;
    bool has_expired = false;
    bool lacks_verifier = false;
    bool nobody_is_known = false; ///< of the whole cluster
};

/// The log's error for a wrong proof, by what is known of the role.
[[nodiscard]] auth_errc wrong_proof(const role_status& role) noexcept;

/// Agrees on the protocol with a client of an `auth: scram` cluster and checks, within `timeout`,
/// the proof that it is the role it names. A client that failed too often is refused before any
/// work is done. The caller still has to send AuthenticationOk. Roles come from the server while it
/// is awake, so a new role or password works at the first try. A failure while no role of the
/// cluster is known is no guess, see `login_limiter`.
[[nodiscard]] boost::asio::awaitable<auth_result<authenticated_client>> authenticate_client(
    client_socket& client,
    const cluster& target,
    const wire::startup_message& startup,
    login_limiter& logins,
    milliseconds timeout
);

} // namespace wakegate::proxy
