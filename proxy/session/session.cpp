#include "proxy/session/session.hpp"

#include "common/log.hpp"
#include "common/random.hpp"
#include "proxy/auth/scram_attributes.hpp"
#include "proxy/gate/hold_log.hpp"
#include "proxy/session/hangup_watch.hpp"
#include "proxy/session/proxy_header_for_client.hpp"
#include "proxy/session/send_error_and_close.hpp"
#include "proxy/session/slow_login.hpp"
#include "proxy/session/waiting_notice.hpp"
#include "proxy/wire/authentication_messages.hpp"
#include "proxy/wire/protocol_version.hpp"

#include <utility>

namespace wakegate::proxy {

namespace asio = boost::asio;
using tcp = asio::ip::tcp;

session::session(
    tcp::socket client, const listener& listener, worker& home_worker, session_context& context
)
    : client_(std::move(client)),
      listener_(listener),
      worker_(home_worker),
      context_(context),
      load_(home_worker.add_load()) {}

asio::awaitable<void> session::run(bool is_full) {
    auto request = co_await set_up(is_full); // accept, TLS, startup, route, authenticate
    if (request) {
        co_await enter_and_connect(*request); // gate, connect, relay
    }
}

/// A coroutine of its own, so that its frame is freed before the wait begins.
asio::awaitable<std::optional<session_request>> session::set_up(bool is_full) {
    client_setup setup(client_, listener_, context_, clients().groups, quotas_);
    auto request = co_await run_setup(setup, is_full);
    if (!request) {
        co_await setup.end(request.error());
        co_return std::nullopt;
    }
    co_return *std::move(request);
}

asio::awaitable<setup_result<session_request>>
session::run_setup(client_setup& setup, bool is_full) {
    const auto accepted = co_await setup.accept(is_full); // accept
    if (!accepted) {
        co_return accepted.error();
    }
    auto opening = co_await setup.handshake(); // TLS, startup
    if (!opening) {
        co_return opening.error();
    }
    auto target = setup.resolve_route(*std::move(opening)); // route
    if (!target) {
        co_return target.error();
    }
    auto authenticated = co_await setup.authenticate(*target); // authenticate
    if (!authenticated) {
        co_return authenticated.error();
    }
    co_return setup.make_request(*std::move(target), *std::move(authenticated));
}

asio::awaitable<void> session::enter_and_connect(session_request& request) {
    auto& gate = *request.target->gate;
    clients().held.add(held_, request.group, clock::now());
    const auto own_ticket = gate.draw_ticket();
    bool admitted_at_once = may_wake(request.wake) && gate.try_acquire();
    std::optional<permit> admitted;
    for (;;) {
        if (!admitted_at_once) {
            const auto answer = co_await wait_at_gate(request, own_ticket, admitted); // gate
            if (answer.outcome == wait_outcome::refused) {
                co_await send_gate_error(request, own_ticket, answer.refusal);
            }
            if (answer.outcome != wait_outcome::admitted) {
                co_return;
            }
        }
        admitted.emplace(gate, own_ticket, admitted_at_once);
        const auto outcome =
            co_await connect_and_relay(request, own_ticket, *admitted); // connect, relay
        if (outcome != connect_outcome::requeue) {
            co_return;
        }
        admitted_at_once = false;
    }
}

asio::awaitable<admission> session::wait_at_gate(
    session_request& request, ticket own_ticket, std::optional<permit>& previous
) {
    auto& gate = *request.target->gate;
    const auto& client = identity_of(request);
    const hangup_watch watch(client_.socket(), [&gate, own_ticket] { gate.leave(own_ticket); });
    const auto notice = begin_notice(request);
    const auto deadline = request.deadline;
    const auto connection = request.connection;
    admission answer;
    if (previous) {
        answer = co_await previous->requeue(deadline, connection, &client);
    } else if (!may_wake(request.wake)) {
        answer = co_await gate.enter_if_ready(own_ticket, deadline, connection, &client);
    } else {
        answer = co_await gate.enter(own_ticket, deadline, connection, &client);
    }
    if (notice) {
        co_await notice->finish_sending();
        authentication_ok_sent_ = notice->sent();
    }
    co_return answer;
}

asio::awaitable<void> session::send_gate_error(
    const session_request& request, ticket own_ticket, const gate_refusal& refusal
) {
    held_.end();
    const auto& cluster = request.target->settings.name;
    auto error = to_client_error(refusal, cluster);
    const error_log_fields fields{cluster, own_ticket, &request.client};
    co_await send_error(request, std::move(error), fields);
}

asio::awaitable<void>
session::send_error(const session_request& request, client_error error, error_log_fields fields) {
    if (request.tls_passthrough) {
        error.form = error_form::tls_alert;
    }
    co_await send_error_and_close(client_, std::move(error), fields);
}

std::unique_ptr<const hold_notice> session::begin_notice(const session_request& request) {
    const auto& settings = request.target->settings;
    const bool is_wanted = request.credentials && may_wake(request.wake);
    if (!is_wanted || authentication_ok_sent_ || settings.notice_after == milliseconds(0)) {
        return nullptr;
    }
    const auto now = clock::now();
    if (notice_due_ == time_point::max()) {
        notice_due_ = now + settings.notice_after;
    }
    auto text = [&settings, &gate = *request.target->gate, connection = request.connection] {
        const auto cause = gate.cause_of_hold(connection);
        auto notice = waiting_notice(cause, settings.name, gate.typical_wake());
        return wire::authentication_ok() + notice;
    };
    return std::make_unique<hold_notice>(client_, notice_due_ - now, std::move(text));
}

asio::awaitable<session::connect_outcome>
session::connect_and_relay(session_request& request, ticket own_ticket, permit& admitted) {
    const auto& cluster = request.target->settings.name;
    std::optional<slow_login> slow;
    slow.emplace(client_.socket(), request, own_ticket, admitted);
    auto backend = co_await connect(request, *slow);
    const bool client_left = slow->client_left();
    const bool timed_out = slow->timed_out();
    slow.reset(); // this also ends the wait on the client's socket
    if (client_left) {
        auto line = log::info("session_left");
        session_log_fields{cluster, own_ticket, &identity_of(request)}.add_to(line);
        co_return connect_outcome::ended;
    }
    if (backend) {
        start_relay(request, std::move(admitted), *std::move(backend));
        co_return connect_outcome::relayed;
    }
    auto error = backend.error();
    log::info("dial_failed")
        .with("cluster", cluster)
        .with("ticket", own_ticket)
        .with("reason", to_string(error));
    if (error.retryable() && !timed_out) {
        co_return connect_outcome::requeue;
    }
    if (error.retryable()) {
        error = {connect_errc::login_too_slow};
    }
    co_await send_connect_error(request, own_ticket, admitted, std::move(error));
    co_return connect_outcome::ended;
}

asio::awaitable<connect_result<backend_session>>
session::connect(const session_request& request, login_timeout_policy& timeouts) {
    const auto& endpoint = *request.endpoint;
    const auto header =
        endpoint.send_proxy_header ? proxy_header_for_client(client_) : std::string();
    login_strategy strategy = passthrough_login{request.startup};
    if (request.credentials) {
        strategy.emplace<scram_login>(
            request.startup, *request.credentials, random_base64(auth::raw_nonce_size)
        );
    } else if (request.tls_passthrough) {
        strategy.emplace<tls_replay>(request.startup);
    }
    auto result = co_await open_session(endpoint, header, std::move(strategy), timeouts);
    co_return result;
}

asio::awaitable<void> session::send_connect_error(
    const session_request& request, ticket own_ticket, permit& admitted, connect_error error
) {
    const auto& cluster = request.target->settings.name;
    auto rejection = to_client_error(error, cluster, request.client.role);
    context_.count_refusal(cluster, rejection.sqlstate);
    {
        // The client may hang up late: its slot goes to another session at once.
        held_.end();
        admitted.login_ended();
        const auto released = std::move(admitted);
    }
    if (error.code == connect_errc::stale_verifier) {
        // The password was right but its verifier old: the next try gets the new one.
        request.target->verifiers->login_failed();
    }
    const error_log_fields fields{
        .cluster = cluster,
        .ticket = own_ticket,
        .client = &request.client,
        .cause = log_cause(error),
    };
    co_await send_error(request, std::move(rejection), fields);
}

void session::start_relay(session_request& request, permit admitted, backend_session backend) {
    held_.end();
    auto owner = make_relayed(request, std::move(admitted), backend);
    if (backend.authenticated && !authentication_ok_sent_) {
        backend.received.insert(0, wire::authentication_ok());
    }
    std::optional<duration> login_timeout;
    if (!request.credentials) { // a client that logged in here owes no login answers
        login_timeout = context_.authentication_timeout;
    }
    auto client = client_.release();
    auto server = backend.server.release();
    worker_.relay().add_session({
        .client = std::move(client.socket),
        .server = std::move(server.socket),
        .server_output = std::move(backend.received),
        .client_tls = std::move(client.tls),
        .server_tls = std::move(server.tls),
        .tls_passthrough = request.tls_passthrough,
        .authentication_timeout = login_timeout,
        .pings = &request.target->settings.pings,
        .owner = std::move(owner),
    });
}

std::unique_ptr<relayed_session>
session::make_relayed(session_request& request, permit admitted, backend_session& backend) {
    boost::system::error_code gone; // no socket, nothing to cancel
    cancel_target server_address{
        .endpoint = request.endpoint,
        .server = backend.server.socket().remote_endpoint(gone),
        .backend_key = {},
    };
    std::optional<registered_key> own_key;
    if (request.credentials) {
        own_key.emplace(replace_key(request, server_address, backend.received));
    }
    auto counted = request.tls_passthrough && listener_.broadcast_cancels
                       ? context_.cancels.passthrough().add(listener_.name, server_address)
                       : passthrough_sessions::entry();
    auto named = request.credentials || request.tls_passthrough
                     ? nullptr // their logins have no timeout here
                     : std::make_unique<const session_identity>(identity_of(request));
    return std::make_unique<relayed_session>(
        request.group,
        held_.since(),
        std::move(server_address),
        std::move(admitted),
        context_.cancels.registry(),
        context_.count_refusal,
        std::move(own_key),
        worker_.index(),
        std::move(load_),
        std::move(quotas_),
        std::move(counted),
        std::move(named)
    );
}

/// Sealed keys work while their cluster has sessions that count. A session that does not count gets
/// a short key, which names that very session.
registered_key
session::replace_key(const session_request& request, cancel_target server, std::string& received) {
    const auto protocol = keeps_awake(request.wake) ? request.protocol : wire::protocol_3_0;
    return context_.cancels.replace_key(std::move(server), protocol, received);
}

const session_identity& session::identity_of(session_request& request) const {
    if (request.client.peer.empty()) {
        request.client.peer = client_.peer();
    }
    return request.client;
}

} // namespace wakegate::proxy
