#pragma once

#include "common/clock.hpp"
#include "proxy/cluster/connection_limits.hpp"
#include "proxy/cluster/limit_error.hpp"
#include "proxy/cluster/resolve_route.hpp"
#include "proxy/cluster/route_error.hpp"
#include "proxy/net/async_semaphore.hpp"
#include "proxy/net/client_socket.hpp"
#include "proxy/session/auth_error.hpp"
#include "proxy/session/authenticate_client.hpp"
#include "proxy/session/error_log.hpp"
#include "proxy/session/handshake.hpp"
#include "proxy/session/listener.hpp"
#include "proxy/session/session_context.hpp"
#include "proxy/session/session_request.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/system/result.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace wakegate::proxy {

/// Why a connection becomes no session: a stage's error, or a CancelRequest.
using setup_end =
    std::variant<handshake_error, limit_error, route_error, auth_error, wire::cancel_request>;

template <typename T = void> using setup_result = boost::system::result<T, setup_end>;

/// The stages of a session before the gate, called once each and in this order; `end` after one
/// that failed. Lives on the client's executor, and no longer than the stages take.
class client_setup {
public:
    /// All outlive it. `groups`: the client's thread's. `quotas` gets the client's shares in the
    /// limits.
    client_setup(
        client_socket& client,
        const listener& listener,
        session_context& context,
        client_groups& groups,
        quota_guards& quotas
    );

    /// Accept: counts the client, and reads its address when a load balancer has connected for it.
    /// `is_full`: `max_clients` is reached.
    [[nodiscard]] boost::asio::awaitable<setup_result<>> accept(bool is_full);
    /// TLS and startup, see `proxy::handshake`. Gives a startup message or a ClientHello.
    [[nodiscard]] boost::asio::awaitable<setup_result<client_request>> handshake();
    /// Route: finds the cluster. First checks the client's certificate against its role, where the
    /// listener has `client_roles`.
    [[nodiscard]] setup_result<destination> resolve_route(client_request request);
    /// Authenticate: checks the client's proof, where the gate asks for one.
    [[nodiscard]] boost::asio::awaitable<setup_result<authenticated_client>>
    authenticate(const destination& route);
    /// The last stage: takes the client's share in the limits of its cluster.
    [[nodiscard]] setup_result<session_request>
    make_request(destination route, authenticated_client authenticated);

    /// For a client that becomes no session: sends it an error, or serves its CancelRequest.
    [[nodiscard]] boost::asio::awaitable<void> end(setup_end reason);

private:
    [[nodiscard]] handshake_settings
    settings_within(milliseconds startup_timeout, milliseconds tls_timeout) const;
    [[nodiscard]] limit_result take_quota(bool is_full);
    [[nodiscard]] boost::asio::awaitable<setup_end>
    prepare_early_error(limit_error error, bool source_is_known);
    [[nodiscard]] auth_result<> check_certificate(std::string_view role) const;
    [[nodiscard]] wake_class
    classify(const cluster_settings& settings, const wire::startup_message& startup) const;
    [[nodiscard]] boost::asio::awaitable<void> end_handshake(handshake_error error);
    [[nodiscard]] boost::asio::awaitable<void> send_login_error(auth_error error);
    /// Counts an error and sends it; logs it with what is known by then.
    [[nodiscard]] boost::asio::awaitable<void>
    send_error(client_error error, error_log_fields fields);
    [[nodiscard]] boost::asio::awaitable<void> cancel(std::string key);

    client_socket& client_;
    const listener& listener_;
    session_context& context_;
    client_groups& groups_;
    quota_guards& quotas_;
    bool tls_passthrough_ = false;             ///< the request is a ClientHello for the server
    std::optional<session_identity> identity_; ///< after the startup message
    std::string_view cluster_ = {};            ///< after the route
    /// Held for an early rejection: their number is bounded.
    std::optional<async_semaphore::slot> rejection_slot_;
};

} // namespace wakegate::proxy
