#include "proxy/session/session.hpp"

#include "common/host_port.hpp"
#include "common/log.hpp"
#include "proxy/net/phase_deadline.hpp"
#include "proxy/session/authenticate.hpp"
#include "proxy/session/forward_cancel.hpp"
#include "proxy/session/greet.hpp"
#include "proxy/session/hangup_watch.hpp"
#include "proxy/session/hold_notice.hpp"
#include "proxy/session/open_session.hpp"
#include "proxy/wire/protocol_version.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <array>
#include <utility>

namespace wakegate::proxy {

namespace asio = boost::asio;
using tcp = asio::ip::tcp;

namespace {

constexpr std::string_view wrong_password = "28P01"; // or a role that does not exist

} // namespace

session::session(
    tcp::socket client,
    std::string_view listener,
    const tls::listener_tls* tls,
    worker& home,
    session_surroundings& around
)
    : client_(std::move(client)),
      listener_(listener),
      tls_(tls),
      home_(home),
      around_(around),
      load_(home.take_load()) {
    boost::system::error_code ignored;
    client_.socket().set_option(tcp::no_delay(true), ignored);
    client_.socket().set_option(tcp::socket::keep_alive(true), ignored);
}

asio::awaitable<void> session::run() {
    const greeting_rules rules{
        .startup_timeout = around_.startup_timeout,
        .tls_timeout = around_.tls_timeout,
        .tls = tls_,
    };
    auto greeted = co_await greet(client_, rules);
    if (auto* startup = std::get_if<wire::startup_message>(&greeted)) {
        const auto task = co_await admit(std::move(*startup));
        if (task) {
            co_await enter_and_dial(*task);
        }
    } else if (auto* request = std::get_if<wire::cancel_request>(&greeted)) {
        co_await cancel(std::move(request->key));
    } else if (auto* refused = std::get_if<refusal_text>(&greeted)) {
        around_.refused("", refused->sqlstate);
        co_await refuse(std::move(*refused));
    } else if (const auto* failed = std::get_if<handshake_failed>(&greeted)) {
        log::info("tls_failed").with("peer", peer()).with("reason", failed->reason);
    }
}

asio::awaitable<std::optional<session::errand>> session::admit(wire::startup_message startup) {
    auto* const found = find_cluster(startup);
    if (found == nullptr) {
        auto text = no_such_database(startup.database());
        around_.refused("", text.sqlstate);
        co_await refuse(std::move(text));
        co_return std::nullopt;
    }
    identity who_is_it;
    if (found->settings.roles != nullptr) {
        const bool is_proved = co_await prove(*found, startup, who_is_it);
        if (!is_proved) {
            co_return std::nullopt;
        }
    }
    const auto patience = found->settings.hold_timeout_for(startup.parameter("application_name"));
    errand task{
        .where = found,
        .startup = who_is_it ? startup_for_server(startup) : std::move(startup.raw),
        .role = std::string(startup.user()),
        .who_is_it = std::move(who_is_it),
        .deadline = clock::now() + patience,
    };
    co_return task;
}

asio::awaitable<bool>
session::prove(const cluster& where, const wire::startup_message& startup, identity& who_is_it) {
    const auto& name = where.settings.name;
    const auto from = source();
    const std::string role(startup.user());
    const auto agreement = wire::agree_on_protocol(startup);
    const auto wait = around_.logins.refused_for(from, name, role);
    if (!agreement || wait) {
        auto text = agreement ? too_many_failures(*wait) : bad_startup("unsupported protocol");
        around_.refused(name, text.sqlstate);
        co_await refuse(std::move(text));
        co_return false;
    }
    if (!agreement->announcement.empty()) {
        co_await client_.write(agreement->announcement);
    }
    const auto* const known = where.settings.roles->find(role);
    auto subject = auth::scram_subject::of(
        known != nullptr ? &known->verifier : nullptr, around_.logins.mock_secret(), role
    );
    auto result =
        co_await authenticate(client_, std::move(subject), role, around_.authentication_timeout);
    if (auto* refused = std::get_if<refusal_text>(&result)) {
        if (refused->sqlstate == wrong_password) {
            around_.logins.failed(from, name, role);
        }
        around_.refused(name, refused->sqlstate);
        co_await refuse(std::move(*refused));
        co_return false;
    }
    auto* const success = std::get_if<proved>(&result);
    if (success == nullptr) {
        co_return false;
    }
    around_.logins.succeeded(from);
    if (known->password) {
        who_is_it = std::make_unique<const auth::backend_secret>(*known->password);
    } else {
        who_is_it = std::make_unique<const auth::backend_secret>(std::move(success->keys));
    }
    co_return true;
}

asio::awaitable<void> session::enter_and_dial(const errand& task) {
    auto& keeper = *task.where->keeper;
    const auto who = keeper.draw_ticket();
    for (bool came_back = false;; came_back = true) {
        const auto refused = co_await wait_at_gate(task, who, came_back);
        if (refused) {
            co_await turn_away(*task.where, *refused);
            co_return;
        }
        permit admitted(keeper, who);
        const auto end = co_await dial_and_hand_over(task, who, admitted);
        if (end != reached::nothing) {
            co_return;
        }
        admitted.give_back();
    }
}

asio::awaitable<std::optional<refusal>>
session::wait_at_gate(const errand& task, ticket who, bool came_back) {
    const auto& settings = task.where->settings;
    auto& keeper = *task.where->keeper;
    const hangup_watch watch(client_.socket(), [&keeper, who] { keeper.leave(who); });
    std::unique_ptr<const hold_notice> notice;
    if (task.who_is_it && !told_to_wait_ && settings.notice_after > milliseconds(0)) {
        notice =
            std::make_unique<hold_notice>(client_, settings.notice_after, [&settings, &keeper] {
                return waiting_notice(settings.name, keeper.typical_wake());
            });
    }
    admission answer;
    if (came_back) {
        answer = co_await keeper.come_back(who, task.deadline);
    } else {
        answer = co_await keeper.enter(who, task.deadline);
    }
    if (notice) {
        co_await notice->settle();
        told_to_wait_ = notice->sent();
    }
    co_return answer.why;
}

asio::awaitable<void> session::turn_away(const cluster& where, refusal why) {
    auto text = at_the_gate(why, where.settings.name);
    co_await refuse(std::move(text));
}

asio::awaitable<session::reached>
session::dial_and_hand_over(const errand& task, ticket who, permit& admitted) {
    auto& where = *task.where;
    auto [attempt, refused] = co_await reach(task);
    if (attempt.answered()) {
        hand_over(
            where, std::move(admitted), std::move(attempt.server), std::move(attempt.server_said)
        );
        co_return reached::relay;
    }
    log::info("dial_failed")
        .with("cluster", where.settings.name)
        .with("ticket", who)
        .with("reason", attempt.reason);
    if (!refused) {
        co_return reached::nothing;
    }
    around_.refused(where.settings.name, refused->sqlstate);
    co_await refuse(std::move(*refused));
    co_return reached::refusal;
}

asio::awaitable<dialled_as> session::reach(const errand& task) {
    const auto& settings = task.where->settings;
    if (task.who_is_it) {
        auto made = co_await dial_as(settings, task.startup, task.role, *task.who_is_it);
        co_return made;
    }
    auto attempt = co_await dial(settings, task.startup);
    co_return dialled_as{std::move(attempt), std::nullopt};
}

cluster* session::find_cluster(const wire::startup_message& startup) const {
    const auto server_name = client_.secured() ? client_.tls()->server_name() : std::string();
    const auto routed = around_.routes.decide({
        .listener = listener_,
        .sni = server_name,
        .database = startup.database(),
        .user = startup.user(),
    });
    const auto* const target = std::get_if<route_target>(&routed);
    if (target == nullptr) {
        return nullptr;
    }
    const auto found = around_.clusters.find(target->cluster);
    return found == around_.clusters.end() ? nullptr : found->second.get();
}

asio::awaitable<void> session::cancel(std::string key) {
    const auto backend = around_.cancels.find(key);
    if (backend) {
        co_await forward_cancel(*backend, std::move(key));
    }
    // The end of the stream is the answer, and libpq wants TLS to end in due form.
    client_.finish_sending();
}

asio::awaitable<void> session::refuse(refusal_text text) {
    log::info("session_refused")
        .with("peer", peer())
        .with("sqlstate", text.sqlstate)
        .with("reason", text.message);
    const auto message = text.to_message();
    // Small enough for the empty send buffer of a connection that was told nothing yet.
    co_await client_.write(message);
    client_.finish_sending();
    co_await linger();
}

/// Closing a socket with unread bytes resets it, and the reset can overtake the refusal. So what
/// the client still sends is read and dropped, within bounds, until it has hung up.
asio::awaitable<void> session::linger() {
    constexpr auto patience = seconds(2);
    constexpr std::size_t most = 64 * 1024;
    const phase_deadline deadline(client_.socket(), patience);
    std::array<char, 1024> dropped{};
    const auto room = asio::buffer(dropped);
    constexpr auto quiet = asio::as_tuple(asio::use_awaitable);
    for (std::size_t total = 0; total < most;) {
        const auto [ended, count] = co_await client_.socket().async_read_some(room, quiet);
        if (ended) {
            break;
        }
        total += count;
    }
}

void session::hand_over(cluster& where, permit admitted, tcp::socket server, std::string said) {
    boost::system::error_code ignored;
    server.native_non_blocking(true, ignored);
    auto owner = std::make_unique<open_session>(
        where, std::move(admitted), around_.cancels, home_.index(), std::move(load_)
    );
    auto client = client_.release();
    home_.relay().adopt({
        .client = std::move(client.socket),
        .server = file_descriptor(server.release()),
        .server_said = std::move(said),
        .client_tls = std::move(client.tls),
        .owner = std::move(owner),
    });
}

asio::ip::address session::source() const {
    boost::system::error_code gone;
    return client_.socket().remote_endpoint(gone).address();
}

std::string session::peer() const {
    boost::system::error_code gone;
    const auto endpoint = client_.socket().remote_endpoint(gone);
    return gone ? std::string("gone")
                : to_string(host_port{endpoint.address().to_string(), endpoint.port()});
}

} // namespace wakegate::proxy
