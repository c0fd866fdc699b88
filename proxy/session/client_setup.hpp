#pragma once

#include "common/clock.hpp"
#include "proxy/net/client_socket.hpp"
#include "proxy/session/authenticate_client.hpp"
#include "proxy/session/client_error.hpp"
#include "proxy/session/client_limits.hpp"
#include "proxy/session/destination.hpp"
#include "proxy/session/error_log.hpp"
#include "proxy/session/handshake.hpp"
#include "proxy/session/listener.hpp"
#include "proxy/session/session_context.hpp"
#include "proxy/session/session_request.hpp"

#include <boost/asio/awaitable.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace wakegate::proxy {

/// From a connection to what it has come for: who is at its other end, what it says, which cluster
/// that leads to, whether it is who it says, and whether there is room for it. Lives on the
/// client's executor and no longer than that takes.
class client_setup {
public:
    /// All outlive it. `groups`: of the client's front. `places` gets what the client takes of
    /// bounded goods.
    client_setup(
        client_socket& client,
        const listener& listener,
        session_context& context,
        client_groups& groups,
        quota_guards& places
    );

    /// Nothing when the client wanted something else, which is done by then, was refused or left.
    /// `is_full`: there are as many clients as there may be; this one is told so.
    [[nodiscard]] boost::asio::awaitable<std::optional<session_request>> receive(bool is_full);

private:
    [[nodiscard]] handshake_settings
    rules_within(milliseconds startup_timeout, milliseconds tls_timeout) const;
    /// Takes what a newcomer takes of bounded goods, or says what there is too little of.
    [[nodiscard]] std::optional<client_error> take_place(bool is_full);
    [[nodiscard]] boost::asio::awaitable<void>
    turn_away_at_the_door(client_error why, bool source_is_known);
    [[nodiscard]] boost::asio::awaitable<void> end_greeting(handshake_result greeted);
    [[nodiscard]] boost::asio::awaitable<std::optional<session_request>>
    admit(wire::startup_message startup);
    /// The same for a client whose TLS is the server's.
    [[nodiscard]] boost::asio::awaitable<std::optional<session_request>>
    admit_unopened(wire::client_hello hello);
    /// Counts a refusal, and says it.
    [[nodiscard]] boost::asio::awaitable<void> reject(client_error why, error_log_fields notes);
    /// The same for a login, with a line in the log while that has room for more of them.
    [[nodiscard]] boost::asio::awaitable<void>
    deny(std::string_view cluster, const session_identity& client, login_denied denied);
    /// The client's proof of who it is, where the gate asks for it. Nothing: it was refused or
    /// left.
    [[nodiscard]] boost::asio::awaitable<std::optional<authenticated_client>>
    authenticate(const destination& way, const session_identity& client);
    [[nodiscard]] session_request
    request_for(destination way, session_identity client, authenticated_client proved) const;
    /// The client's certificate, if the listener goes by it, is one of this role's.
    [[nodiscard]] bool is_certified_for(std::string_view role) const;
    [[nodiscard]] std::variant<destination, client_error>
    find_way(std::string_view server_name, wire::startup_message startup) const;
    [[nodiscard]] wake_class
    judge(const cluster_settings& where, const wire::startup_message& startup) const;
    [[nodiscard]] boost::asio::awaitable<void> cancel(std::string key);

    client_socket& client_;
    const listener& listener_;
    session_context& context_;
    client_groups& groups_;
    quota_guards& places_;
};

} // namespace wakegate::proxy
