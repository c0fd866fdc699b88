#include "proxy/session/session.hpp"

#include "common/log.hpp"
#include "proxy/gate/hold_log.hpp"
#include "proxy/session/client_setup.hpp"
#include "proxy/session/dial_as.hpp"
#include "proxy/session/dial_unopened.hpp"
#include "proxy/session/hangup_watch.hpp"
#include "proxy/session/login_cause.hpp"
#include "proxy/session/proxy_header_for_client.hpp"
#include "proxy/session/send_error.hpp"
#include "proxy/session/slow_login.hpp"
#include "proxy/wire/authentication_messages.hpp"
#include "proxy/wire/protocol_version.hpp"

#include <utility>

namespace wakegate::proxy {

namespace asio = boost::asio;
using tcp = asio::ip::tcp;

session::session(
    tcp::socket client, const listener& listener, worker& home, session_context& context
)
    : client_(std::move(client)),
      listener_(listener),
      home_(home),
      context_(context),
      load_(home.add_load()) {}

asio::awaitable<void> session::run(bool is_full) {
    auto task = co_await welcome(is_full);
    if (task) {
        co_await enter_and_dial(*task);
    }
}

/// A coroutine of its own, so that what it takes is gone when the waiting begins.
asio::awaitable<std::optional<session_request>> session::welcome(bool is_full) {
    client_setup desk(client_, listener_, context_, front().groups, places_);
    auto task = co_await desk.receive(is_full);
    co_return task;
}

asio::awaitable<void> session::enter_and_dial(session_request& task) {
    auto& keeper = *task.where->gate;
    front().held.add(held_, task.group, clock::now());
    const auto who = keeper.draw_ticket();
    bool passed = may_wake(task.what_it_may) && keeper.try_acquire();
    for (bool came_back = false;; came_back = true) {
        if (!passed) {
            const auto& client = identity_of(task);
            const auto answer = co_await wait_at_gate(task, who, came_back);
            if (answer.error == gate_error::hung_up) {
                co_return;
            }
            if (answer.error) {
                held_.end();
                auto text = at_the_gate(answer, task.where->settings.name);
                const error_log_fields notes{task.where->settings.name, who, &client};
                co_await send_error_and_close(client_, listener_, std::move(text), notes);
                co_return;
            }
        }
        permit admitted(keeper, who, passed);
        const auto end = co_await dial_and_hand_over(task, who, admitted);
        if (end != reached::nothing) {
            co_return;
        }
        admitted.give_back();
        passed = false;
    }
}

asio::awaitable<admission>
session::wait_at_gate(const session_request& task, ticket who, bool came_back) {
    auto& keeper = *task.where->gate;
    const hangup_watch watch(client_.socket(), [&keeper, who] { keeper.leave(who); });
    const auto notice = begin_notice(task);
    admission answer;
    if (came_back) {
        answer = co_await keeper.requeue(who, task.deadline, task.connection, &task.client);
    } else if (!may_wake(task.what_it_may)) {
        answer = co_await keeper.enter_if_ready(who, task.deadline, task.connection, &task.client);
    } else {
        answer = co_await keeper.enter(who, task.deadline, task.connection, &task.client);
    }
    if (notice) {
        co_await notice->settle();
        authentication_ok_sent_ = notice->sent();
    }
    co_return answer;
}

std::unique_ptr<const hold_notice> session::begin_notice(const session_request& task) {
    const auto& settings = task.where->settings;
    const bool is_wanted = task.who_is_it && may_wake(task.what_it_may);
    if (!is_wanted || authentication_ok_sent_ || settings.notice_after == milliseconds(0)) {
        return nullptr;
    }
    const auto now = clock::now();
    if (notice_due_ == time_point::max()) {
        notice_due_ = now + settings.notice_after;
    }
    auto text = [&settings, &keeper = *task.where->gate, connection = task.connection] {
        const auto cause = keeper.cause_of_hold(connection);
        auto notice = waiting_notice(cause, settings.name, keeper.typical_wake());
        return wire::authentication_ok() + notice;
    };
    return std::make_unique<hold_notice>(client_, notice_due_ - now, std::move(text));
}

asio::awaitable<session::reached>
session::dial_and_hand_over(session_request& task, ticket who, permit& admitted) {
    std::optional<slow_login> slow;
    slow.emplace(client_.socket(), task, who, admitted);
    auto attempt = co_await reach(task, *slow);
    const bool client_left = slow->client_left();
    auto ran_out = slow->refusal();
    slow.reset(); // and with it what waits on the client's socket
    if (client_left) {
        auto line = log::info("session_left");
        session_log_fields{task.where->settings.name, who, &identity_of(task)}.add_to(line);
        co_return reached::hangup;
    }
    if (attempt.answered()) {
        hand_over(task, std::move(admitted), std::move(attempt));
        co_return reached::relay;
    }
    log::info("dial_failed")
        .with("cluster", task.where->settings.name)
        .with("ticket", who)
        .with("reason", attempt.reason);
    if (!attempt.refused) {
        attempt.refused = std::move(ran_out);
    }
    if (!attempt.refused) {
        co_return reached::nothing;
    }
    context_.refused(task.where->settings.name, attempt.refused->sqlstate);
    {
        // The client may take its time to hang up, and its place be somebody else's meanwhile.
        held_.end();
        admitted.login_ended();
        const auto place = std::move(admitted);
        const auto server = std::move(attempt.server);
    }
    if (attempt.refused->sqlstate == wrong_password) {
        // It was let in by an old verifier of the very password: the next try finds the new one.
        task.where->verifiers->login_failed();
    }
    const error_log_fields notes{
        .cluster = task.where->settings.name,
        .who = who,
        .client = &task.client,
        .cause = server_refusal_cause(attempt.refused->sqlstate),
    };
    co_await send_error_and_close(client_, listener_, std::move(*attempt.refused), notes);
    co_return reached::gate_error;
}

const session_identity& session::identity_of(session_request& task) const {
    if (task.client.peer.empty()) {
        task.client.peer = client_.peer();
    }
    return task.client;
}

asio::awaitable<backend_session>
session::reach(const session_request& task, login_timeout_policy& patience) {
    const auto& settings = *task.endpoint;
    const auto preface =
        settings.send_proxy_header ? proxy_header_for_client(client_) : std::string();
    if (task.who_is_it) {
        auto made = co_await dial_as(
            settings, preface, task.startup, task.client.role, *task.who_is_it, patience
        );
        co_return made;
    }
    if (task.tls_passthrough) {
        auto made = co_await dial_unopened(settings, preface, task.startup);
        co_return made;
    }
    auto made = co_await dial(settings, preface, task.startup, patience);
    co_return made;
}

/// A sealed key is followed while its cluster has sessions that count. One that does not count gets
/// a short key, which leads to the very session.
registered_key session::replace_key(
    const session_request& task, cancel_address server, std::string& server_output
) {
    const auto protocol = keeps_awake(task.what_it_may) ? task.protocol : wire::protocol_3_0;
    return context_.cancels.replace_key(std::move(server), protocol, server_output);
}

std::unique_ptr<relayed_session>
session::open(session_request& task, permit admitted, backend_session& attempt) {
    boost::system::error_code gone; // then nothing is left there to cancel
    cancel_address server_address{
        .where = task.endpoint,
        .server = attempt.server.socket().remote_endpoint(gone),
        .backend_key = {},
    };
    std::optional<registered_key> own_key;
    if (task.who_is_it) {
        own_key.emplace(replace_key(task, server_address, attempt.server_output));
    }
    auto tls_passthrough = task.tls_passthrough && listener_.broadcast_cancels
                               ? context_.tls_passthrough.add(listener_, server_address)
                               : passthrough_sessions::entry();
    auto named = task.who_is_it || task.tls_passthrough
                     ? nullptr // no login of theirs can take too long
                     : std::make_unique<const session_identity>(identity_of(task));
    return std::make_unique<relayed_session>(
        task.group,
        held_.since(),
        std::move(server_address),
        std::move(admitted),
        context_.cancels.registry(),
        context_.refused,
        std::move(own_key),
        home_.index(),
        std::move(load_),
        std::move(places_),
        std::move(tls_passthrough),
        std::move(named)
    );
}

void session::hand_over(session_request& task, permit admitted, backend_session attempt) {
    held_.end();
    auto owner = open(task, std::move(admitted), attempt);
    if (attempt.authenticated && !authentication_ok_sent_) {
        attempt.server_output.insert(0, wire::authentication_ok());
    }
    std::optional<duration> login_timeout;
    if (!task.who_is_it) { // who has proved itself owes nothing more
        login_timeout = context_.authentication_timeout;
    }
    auto client = client_.release();
    auto server = attempt.server.release();
    home_.relay().adopt({
        .client = std::move(client.socket),
        .server = std::move(server.socket),
        .server_output = std::move(attempt.server_output),
        .client_tls = std::move(client.tls),
        .server_tls = std::move(server.tls),
        .tls_passthrough = task.tls_passthrough,
        .authentication_timeout = login_timeout,
        .pings = &task.where->settings.pings,
        .owner = std::move(owner),
    });
}

} // namespace wakegate::proxy
