#pragma once

#include "common/clock.hpp"
#include "proxy/net/client_socket.hpp"
#include "proxy/session/client_limits.hpp"
#include "proxy/session/destination.hpp"
#include "proxy/session/entrance.hpp"
#include "proxy/session/errand.hpp"
#include "proxy/session/greet.hpp"
#include "proxy/session/identify.hpp"
#include "proxy/session/refusal_notes.hpp"
#include "proxy/session/refusal_text.hpp"
#include "proxy/session/session_surroundings.hpp"

#include <boost/asio/awaitable.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace wakegate::proxy {

/// From a connection to what it has come for: who is at its other end, what it says, which cluster
/// that leads to, whether it is who it says, and whether there is room for it. Lives on the
/// client's executor and no longer than that takes.
class reception {
public:
    /// All outlive it. `groups`: of the client's front. `places` gets what the client takes of
    /// bounded goods.
    reception(
        client_socket& client,
        const entrance& by,
        session_surroundings& around,
        client_groups& groups,
        session_places& places
    );

    /// Nothing when the client wanted something else, which is done by then, was refused or left.
    /// `is_full`: there are as many clients as there may be; this one is told so.
    [[nodiscard]] boost::asio::awaitable<std::optional<errand>> receive(bool is_full);

private:
    [[nodiscard]] greeting_rules
    rules_within(milliseconds startup_timeout, milliseconds tls_timeout) const;
    /// Takes what a newcomer takes of bounded goods, or says what there is too little of.
    [[nodiscard]] std::optional<refusal_text> take_place(bool is_full);
    [[nodiscard]] boost::asio::awaitable<void>
    turn_away_at_the_door(refusal_text why, bool source_is_known);
    [[nodiscard]] boost::asio::awaitable<void> end_greeting(greeting greeted);
    [[nodiscard]] boost::asio::awaitable<std::optional<errand>> admit(wire::startup_message startup
    );
    /// The same for a client whose TLS is the server's.
    [[nodiscard]] boost::asio::awaitable<std::optional<errand>>
    admit_unopened(wire::client_hello hello);
    /// Counts a refusal, and says it.
    [[nodiscard]] boost::asio::awaitable<void> reject(refusal_text why, refusal_notes notes);
    /// The same for a login, with a line in the log while that has room for more of them.
    [[nodiscard]] boost::asio::awaitable<void>
    deny(std::string_view cluster, const session_identity& client, login_denied denied);
    /// The client's proof of who it is, where the gate asks for it. Nothing: it was refused or
    /// left.
    [[nodiscard]] boost::asio::awaitable<std::optional<identified>>
    authenticate(const destination& way, const session_identity& client);
    [[nodiscard]] errand
    errand_for(destination way, session_identity client, identified proved) const;
    /// The client's certificate, if the listener goes by it, is one of this role's.
    [[nodiscard]] bool is_certified_for(std::string_view role) const;
    [[nodiscard]] std::variant<destination, refusal_text>
    find_way(std::string_view server_name, wire::startup_message startup) const;
    [[nodiscard]] wake_class
    judge(const cluster_settings& where, const wire::startup_message& startup) const;
    [[nodiscard]] boost::asio::awaitable<void> cancel(std::string key);

    client_socket& client_;
    const entrance& by_;
    session_surroundings& around_;
    client_groups& groups_;
    session_places& places_;
};

} // namespace wakegate::proxy
