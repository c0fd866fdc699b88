#pragma once

#include "common/clock.hpp"
#include "proxy/backend/open_session.hpp"
#include "proxy/cluster/connection_limits.hpp"
#include "proxy/gate/permit.hpp"
#include "proxy/net/client_socket.hpp"
#include "proxy/net/load_guard.hpp"
#include "proxy/net/worker.hpp"
#include "proxy/session/client_error.hpp"
#include "proxy/session/client_setup.hpp"
#include "proxy/session/error_log.hpp"
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

/// One client from its first byte to the relay, in stages: accept, TLS, startup, route,
/// authenticate, gate, connect, relay. One coroutine on one worker's setup thread, which ends when
/// the relay takes over.
class session {
public:
    session(
        boost::asio::ip::tcp::socket client,
        const listener& listener,
        worker& home_worker,
        session_context& context
    );

    /// `is_full`: `max_clients` is reached; the client gets an error.
    [[nodiscard]] boost::asio::awaitable<void> run(bool is_full);

private:
    enum class connect_outcome {
        relayed,
        requeue, ///< the server was not there: back to the gate
        ended,   ///< the client was refused, or has gone
    };

    [[nodiscard]] setup_thread_clients& clients() const {
        return context_.clients[worker_.index()];
    }

    /// Nothing: the client was refused, left, or sent a CancelRequest.
    [[nodiscard]] boost::asio::awaitable<std::optional<session_request>> set_up(bool is_full);
    [[nodiscard]] boost::asio::awaitable<setup_result<session_request>>
    run_setup(client_setup& setup, bool is_full);
    [[nodiscard]] boost::asio::awaitable<void> enter_and_connect(session_request& request);
    /// Waits until the session may connect or is refused. `previous`: an admission that led to no
    /// connection.
    [[nodiscard]] boost::asio::awaitable<admission>
    wait_at_gate(session_request& request, ticket own_ticket, std::optional<permit>& previous);
    [[nodiscard]] boost::asio::awaitable<void>
    send_gate_error(const session_request& request, ticket own_ticket, const gate_refusal& refusal);
    /// Null when the client gets no notice, or has had it.
    [[nodiscard]] std::unique_ptr<const hold_notice> begin_notice(const session_request& request);
    [[nodiscard]] boost::asio::awaitable<connect_outcome>
    connect_and_relay(session_request& request, ticket own_ticket, permit& admitted);
    [[nodiscard]] boost::asio::awaitable<connect_result<backend_session>>
    connect(const session_request& request, login_timeout_policy& timeouts);
    /// Sends an error that a retry would not cure.
    [[nodiscard]] boost::asio::awaitable<void> send_connect_error(
        const session_request& request, ticket own_ticket, permit& admitted, connect_error error
    );
    /// In the form that this client can read, see `send_error_and_close`.
    [[nodiscard]] boost::asio::awaitable<void>
    send_error(const session_request& request, client_error error, error_log_fields fields);
    void start_relay(session_request& request, permit admitted, backend_session backend);
    /// What the session holds while it is relayed; replaces the key in the server's bytes.
    [[nodiscard]] std::unique_ptr<relayed_session>
    make_relayed(session_request& request, permit admitted, backend_session& backend);
    [[nodiscard]] registered_key
    replace_key(const session_request& request, cancel_target server, std::string& received);
    /// With the client's address, which is formatted at first use.
    [[nodiscard]] const session_identity& identity_of(session_request& request) const;

    client_socket client_;
    const listener& listener_;
    worker& worker_;
    session_context& context_;
    load_guard load_;
    quota_guards quotas_;
    held_entry held_;
    /// With `auth: scram`: AuthenticationOk and the notice are sent.
    bool authentication_ok_sent_ = false;
    time_point notice_due_ = time_point::max(); ///< set when the client begins to wait
};

} // namespace wakegate::proxy
