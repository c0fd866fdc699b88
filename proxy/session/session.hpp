#pragma once

#include "common/clock.hpp"
#include "proxy/gate/permit.hpp"
#include "proxy/net/client_socket.hpp"
#include "proxy/net/load_guard.hpp"
#include "proxy/net/worker.hpp"
#include "proxy/session/client_error.hpp"
#include "proxy/session/client_limits.hpp"
#include "proxy/session/dial.hpp"
#include "proxy/session/held_sessions.hpp"
#include "proxy/session/hold_notice.hpp"
#include "proxy/session/listener.hpp"
#include "proxy/session/relayed_session.hpp"
#include "proxy/session/session_context.hpp"
#include "proxy/session/session_request.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <memory>
#include <optional>
#include <string>

namespace wakegate::proxy {

/// One client's way from its first byte to the relay. Lives on one worker's front, as one coroutine
/// that ends when the relay takes over.
class session {
public:
    session(
        boost::asio::ip::tcp::socket client,
        const listener& listener,
        worker& home,
        session_context& context
    );

    /// greet → certify → route → authenticate → gate → dial → relay; a server that is not there
    /// sends it back to the gate. `is_full`: there are as many clients as there may be; this one is
    /// told so.
    [[nodiscard]] boost::asio::awaitable<void> run(bool is_full);

private:
    enum class reached {
        relay,
        nothing, ///< the server was not there: to the gate again
        gate_error,
        hangup, ///< the client has gone
    };

    [[nodiscard]] setup_thread_clients& front() const { return context_.fronts[home_.index()]; }

    [[nodiscard]] boost::asio::awaitable<std::optional<session_request>> welcome(bool is_full);
    [[nodiscard]] boost::asio::awaitable<void> enter_and_dial(session_request& task);
    /// Holds the session until it may dial or may not.
    [[nodiscard]] boost::asio::awaitable<admission>
    wait_at_gate(const session_request& task, ticket who, bool came_back);
    /// Null when the client is to get no notice, or has it.
    [[nodiscard]] std::unique_ptr<const hold_notice> begin_notice(const session_request& task);
    [[nodiscard]] boost::asio::awaitable<reached>
    dial_and_hand_over(session_request& task, ticket who, permit& admitted);
    [[nodiscard]] boost::asio::awaitable<backend_session>
    reach(const session_request& task, login_timeout_policy& patience);
    [[nodiscard]] registered_key
    replace_key(const session_request& task, cancel_address server, std::string& server_output);
    /// What the session holds while it is relayed; changes the key in what the server said.
    [[nodiscard]] std::unique_ptr<relayed_session>
    open(session_request& task, permit admitted, backend_session& attempt);
    void hand_over(session_request& task, permit admitted, backend_session attempt);
    /// With the client's address, which is made out once somebody has to be told it.
    [[nodiscard]] const session_identity& identity_of(session_request& task) const;

    client_socket client_;
    const listener& listener_;
    worker& home_;
    session_context& context_;
    load_guard load_;
    quota_guards places_;
    held_entry held_;
    /// With `auth: scram`: the client has been sent AuthenticationOk, and the notice behind it.
    bool authentication_ok_sent_ = false;
    time_point notice_due_ = time_point::max(); ///< set when the client begins to wait
};

} // namespace wakegate::proxy
