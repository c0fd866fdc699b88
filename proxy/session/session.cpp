#include "proxy/session/session.hpp"

#include "common/host_port.hpp"
#include "common/log.hpp"
#include "proxy/net/phase_deadline.hpp"
#include "proxy/session/carry_cancel.hpp"
#include "proxy/session/dial_unopened.hpp"
#include "proxy/session/hangup_watch.hpp"
#include "proxy/session/hold_notice.hpp"
#include "proxy/session/introduce_client.hpp"
#include "proxy/session/learn_source.hpp"
#include "proxy/session/open_session.hpp"
#include "proxy/session/refuse.hpp"
#include "proxy/wire/protocol_version.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace wakegate::proxy {

namespace asio = boost::asio;
using tcp = asio::ip::tcp;

session::session(tcp::socket client, const entrance& by, worker& home, session_surroundings& around)
    : client_(std::move(client)), by_(by), home_(home), around_(around), load_(home.take_load()) {
    boost::system::error_code ignored;
    client_.socket().set_option(tcp::no_delay(true), ignored);
    client_.socket().set_option(tcp::socket::keep_alive(true), ignored);
}

asio::awaitable<void> session::run(bool is_full) {
    const auto task = co_await welcome(is_full);
    if (task) {
        co_await enter_and_dial(*task);
    }
}

asio::awaitable<std::optional<session::errand>> session::welcome(bool is_full) {
    auto unheard = co_await learn_source(client_, by_.proxied, around_.startup_timeout);
    if (unheard) {
        co_await end_greeting(std::move(*unheard));
        co_return std::nullopt;
    }
    auto beyond = take_place(is_full);
    if (beyond) {
        co_await turn_away_at_the_door(std::move(*beyond));
        co_return std::nullopt;
    }
    const auto rules = rules_within(around_.startup_timeout, around_.tls_timeout);
    auto greeted = co_await greet(client_, rules);
    if (auto* const startup = std::get_if<wire::startup_message>(&greeted)) {
        auto task = co_await admit(std::move(*startup));
        co_return task;
    }
    if (auto* const hello = std::get_if<wire::client_hello>(&greeted)) {
        auto task = co_await admit_unopened(std::move(*hello));
        co_return task;
    }
    co_await end_greeting(std::move(greeted));
    co_return std::nullopt;
}

std::optional<refusal_text> session::take_place(bool is_full) {
    return is_full ? too_many_clients() : around_.limits.enter(client_.source(), places_);
}

/// In due form, or drivers would not understand it; but not for long. Who wants something cancelled
/// takes no place, and may make one free.
asio::awaitable<void> session::turn_away_at_the_door(refusal_text why) {
    const auto patience = std::min(around_.startup_timeout, milliseconds(1'000));
    const auto last_words = around_.limits.take_last_words();
    if (!last_words) {
        around_.refused("", why.sqlstate);
        co_return;
    }
    const auto rules = rules_within(patience, patience);
    auto greeted = co_await greet(client_, rules);
    if (std::holds_alternative<wire::client_hello>(greeted)) {
        around_.refused("", why.sqlstate);
        co_await turn_away(std::move(why));
        co_return;
    }
    if (std::holds_alternative<wire::startup_message>(greeted)) {
        greeted = std::move(why);
    }
    co_await end_greeting(std::move(greeted));
}

greeting_rules session::rules_within(milliseconds startup_timeout, milliseconds tls_timeout) const {
    return {
        .startup_timeout = startup_timeout,
        .tls_timeout = tls_timeout,
        .tls = by_.tls.get(),
        .passes_through = by_.passes_through,
    };
}

asio::awaitable<void> session::end_greeting(greeting greeted) {
    if (auto* request = std::get_if<wire::cancel_request>(&greeted)) {
        co_await cancel(std::move(request->key));
    } else if (auto* refused = std::get_if<refusal_text>(&greeted)) {
        around_.refused("", refused->sqlstate);
        co_await refuse(client_, std::move(*refused));
    } else if (const auto* failed = std::get_if<handshake_failed>(&greeted)) {
        log::info("tls_failed").with("peer", client_.peer()).with("reason", failed->reason);
    } else if (const auto* header = std::get_if<header_refused>(&greeted)) {
        log::info("proxy_header_refused")
            .with("listener", by_.name)
            .with("peer", client_.peer())
            .with("reason", header->reason);
    }
}

asio::awaitable<std::optional<session::errand>> session::admit(wire::startup_message startup) {
    if (!is_certified_for(startup.user())) {
        auto text = certificate_not_for_role(startup.user());
        around_.refused("", text.sqlstate);
        co_await refuse(client_, std::move(text));
        co_return std::nullopt;
    }
    const auto server_name = client_.secured() ? client_.tls()->server_name() : std::string();
    auto found = find_way(server_name, std::move(startup));
    if (auto* refused = std::get_if<refusal_text>(&found)) {
        around_.refused("", refused->sqlstate);
        co_await refuse(client_, std::move(*refused));
        co_return std::nullopt;
    }
    auto& way = std::get<destination>(found);
    const auto& settings = way.where->settings;
    identity who_is_it;
    if (settings.roles != nullptr) {
        auto answer = co_await identify(
            client_, *way.where, way.startup, around_.logins, around_.authentication_timeout
        );
        if (auto* refused = std::get_if<refusal_text>(&answer)) {
            around_.refused(settings.name, refused->sqlstate);
            co_await refuse(client_, std::move(*refused));
        }
        auto* const identified = std::get_if<identity>(&answer);
        if (identified == nullptr) {
            co_return std::nullopt;
        }
        who_is_it = std::move(*identified);
    }
    auto beyond = way.where->limits.enter(settings.name, way.startup.user(), places_);
    if (beyond) {
        around_.refused(settings.name, beyond->sqlstate);
        co_await refuse(client_, std::move(*beyond));
        co_return std::nullopt;
    }
    const auto agreement = wire::agree_on_protocol(way.startup);
    const auto patience = settings.hold_timeout_for(way.startup.parameter("application_name"));
    const auto what_it_may = judge(settings, way.startup);
    errand task{
        .where = way.where,
        .door = way.door,
        .startup = who_is_it ? startup_for_server(way.startup) : std::move(way.startup.raw),
        .role = std::string(way.startup.user()),
        .who_is_it = std::move(who_is_it),
        .what_it_may = what_it_may,
        .protocol = agreement ? agreement->spoken : wire::protocol_3_0,
        .deadline = clock::now() + patience,
    };
    co_return task;
}

asio::awaitable<std::optional<session::errand>> session::admit_unopened(wire::client_hello hello) {
    // The rest of what it wants is for the server alone.
    auto found = find_way(hello.server_name, {});
    if (auto* refused = std::get_if<refusal_text>(&found)) {
        around_.refused("", refused->sqlstate);
        auto text = no_such_server(hello.server_name);
        co_await turn_away(std::move(text));
        co_return std::nullopt;
    }
    const auto& way = std::get<destination>(found);
    const auto& settings = way.where->settings;
    auto beyond = way.where->limits.enter(settings.name, {}, places_);
    if (beyond) {
        around_.refused(settings.name, beyond->sqlstate);
        co_await turn_away(std::move(*beyond));
        co_return std::nullopt;
    }
    const auto what_it_may = judge(settings, {});
    errand task{
        .where = way.where,
        .door = way.door,
        .startup = std::move(hello.raw),
        .role = {},
        .unopened = true,
        .who_is_it = nullptr,
        .what_it_may = what_it_may,
        .deadline = clock::now() + settings.hold_timeout_for(""),
    };
    co_return task;
}

bool session::is_certified_for(std::string_view role) const {
    if (by_.roles.empty()) {
        return true;
    }
    const auto names = client_.secured() ? client_.tls()->peer_names() : std::vector<std::string>();
    if (by_.roles.allows(names, role)) {
        return true;
    }
    log::info("certificate_not_mapped")
        .with("listener", by_.name)
        .with("role", role)
        .with("names", fmt::format("{}", fmt::join(names, " ")));
    return false;
}

asio::awaitable<void> session::enter_and_dial(const errand& task) {
    auto& keeper = *task.where->keeper;
    const auto who = keeper.draw_ticket();
    bool passed = may_wake(task.what_it_may) && keeper.pass();
    for (bool came_back = false;; came_back = true) {
        if (!passed) {
            const auto refused = co_await wait_at_gate(task, who, came_back);
            if (refused) {
                auto text = at_the_gate(*refused, task.where->settings.name);
                co_await turn_away(std::move(text));
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

asio::awaitable<std::optional<refusal>>
session::wait_at_gate(const errand& task, ticket who, bool came_back) {
    const auto& settings = task.where->settings;
    auto& keeper = *task.where->keeper;
    const hangup_watch watch(client_.socket(), [&keeper, who] { keeper.leave(who); });
    const bool wakes = may_wake(task.what_it_may);
    std::unique_ptr<const hold_notice> notice;
    if (wakes && task.who_is_it && !told_to_wait_ && settings.notice_after > milliseconds(0)) {
        notice =
            std::make_unique<hold_notice>(client_, settings.notice_after, [&settings, &keeper] {
                return waiting_notice(settings.name, keeper.typical_wake());
            });
    }
    admission answer;
    if (came_back) {
        answer = co_await keeper.come_back(who, task.deadline);
    } else if (!wakes) {
        answer = co_await keeper.enter_if_ready(who, task.deadline);
    } else {
        answer = co_await keeper.enter(who, task.deadline);
    }
    if (notice) {
        co_await notice->settle();
        told_to_wait_ = notice->sent();
    }
    co_return answer.why;
}

asio::awaitable<void> session::turn_away(refusal_text why) {
    if (by_.passes_through) {
        co_await refuse_unopened(client_, std::move(why));
    } else {
        co_await refuse(client_, std::move(why));
    }
}

asio::awaitable<session::reached>
session::dial_and_hand_over(const errand& task, ticket who, permit& admitted) {
    auto attempt = co_await reach(task);
    if (attempt.answered()) {
        hand_over(task, std::move(admitted), std::move(attempt));
        co_return reached::relay;
    }
    log::info("dial_failed")
        .with("cluster", task.where->settings.name)
        .with("ticket", who)
        .with("reason", attempt.reason);
    if (!attempt.refused) {
        co_return reached::nothing;
    }
    around_.refused(task.where->settings.name, attempt.refused->sqlstate);
    if (attempt.refused->sqlstate == wrong_password) {
        // It was let in by an old verifier of the very password: the next try finds the new one.
        admitted.login_over();
        co_await task.where->verifiers->renewed();
    }
    co_await turn_away(std::move(*attempt.refused));
    co_return reached::refusal;
}

asio::awaitable<dialled> session::reach(const errand& task) {
    const auto& settings = *task.door;
    const auto preface = settings.introduces_clients ? introduce_client(client_) : std::string();
    if (task.who_is_it) {
        auto made = co_await dial_as(settings, preface, task.startup, task.role, *task.who_is_it);
        co_return made;
    }
    if (task.unopened) {
        auto made = co_await dial_unopened(settings, preface, task.startup);
        co_return made;
    }
    auto made = co_await dial(settings, preface, task.startup);
    co_return made;
}

std::variant<destination, refusal_text>
session::find_way(std::string_view server_name, wire::startup_message startup) const {
    return find_destination(
        around_.routes, around_.clusters, by_.name, server_name, std::move(startup)
    );
}

/// In `auth: passthrough` by what the client says of itself, which nobody has proved yet.
wake_class
session::judge(const cluster_settings& where, const wire::startup_message& startup) const {
    wake_request request{
        .role = startup.user(),
        .application_name = startup.parameter("application_name"),
    };
    if (const auto source = client_.source(); !source.is_unspecified()) {
        request.source = source;
    }
    return where.wakes.judge(request);
}

asio::awaitable<void> session::cancel(std::string key) {
    const auto from = client_.source();
    co_await carry_cancel(around_, from, std::move(key));
    // The end of the stream is the answer, and libpq wants TLS to end in due form.
    client_.finish_sending();
}

/// A sealed key names the cluster alone, and is followed while that has sessions that count. What
/// is true of neither gets a number, which leads to the very session.
session_number session::replace_key(const errand& task, std::string& server_said) {
    const bool is_the_clusters = task.door == &task.where->settings;
    const bool counts = keeps_awake(task.what_it_may);
    const auto protocol = is_the_clusters && counts ? task.protocol : wire::protocol_3_0;
    return around_.cancels.replace_key(*task.door, protocol, server_said);
}

void session::hand_over(const errand& task, permit admitted, dialled attempt) {
    std::optional<session_number> own_key;
    if (task.who_is_it) {
        own_key.emplace(replace_key(task, attempt.server_said));
    }
    auto owner = std::make_unique<open_session>(
        *task.where,
        *task.door,
        task.what_it_may,
        std::move(admitted),
        around_.cancels.registry(),
        std::move(own_key),
        home_.index(),
        std::move(load_),
        std::move(places_)
    );
    auto client = client_.release();
    auto server = attempt.server.release();
    home_.relay().adopt({
        .client = std::move(client.socket),
        .server = std::move(server.socket),
        .server_said = std::move(attempt.server_said),
        .client_tls = std::move(client.tls),
        .server_tls = std::move(server.tls),
        .unopened = task.unopened,
        .owner = std::move(owner),
    });
}

} // namespace wakegate::proxy
