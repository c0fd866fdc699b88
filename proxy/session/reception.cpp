#include "proxy/session/reception.hpp"

#include "common/log.hpp"
#include "proxy/session/carry_cancel.hpp"
#include "proxy/session/dial_as.hpp"
#include "proxy/session/learn_source.hpp"
#include "proxy/session/refuse.hpp"
#include "proxy/wire/postgres_name.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <vector>

namespace wakegate::proxy {

namespace asio = boost::asio;

namespace {

/// For a client that is refused, until it is its turn to be told.
constexpr auto last_words_timeout = seconds(5);

/// Of a client of whom nothing is known; with a name, since nothing is built in a co_await.
constexpr refusal_notes unnoted;

session_identity identity_in(const wire::startup_message& startup) {
    const auto application_name = startup.parameter("application_name");
    return {
        .peer = {},
        .role = std::string(startup.user()),
        .database = std::string(startup.database()),
        .application_name = std::string(wire::cut_to_name(application_name)),
    };
}

} // namespace

reception::reception(
    client_socket& client,
    const entrance& by,
    session_surroundings& around,
    client_groups& groups,
    session_places& places
)
    : client_(client), by_(by), around_(around), groups_(groups), places_(places) {}

asio::awaitable<std::optional<errand>> reception::receive(bool is_full) {
    // Whose place a load balancer's connection takes is known when it has said so.
    const bool stands_for_itself = is_full || !by_.proxied.trusts(client_.source());
    auto beyond = stands_for_itself ? take_place(is_full) : std::nullopt;
    if (beyond) {
        co_await turn_away_at_the_door(std::move(*beyond), false);
        co_return std::nullopt;
    }
    auto unheard = co_await learn_source(client_, by_.proxied, around_.startup_timeout);
    if (unheard) {
        co_await end_greeting(std::move(*unheard));
        co_return std::nullopt;
    }
    if (!stands_for_itself) {
        beyond = take_place(is_full);
    }
    if (beyond) {
        co_await turn_away_at_the_door(std::move(*beyond), true);
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

std::optional<refusal_text> reception::take_place(bool is_full) {
    return is_full ? too_many_clients() : around_.limits.enter(client_.source(), places_);
}

/// In due form, or drivers would not understand it; but not for long. Who wants something cancelled
/// takes no place, and may make one free.
asio::awaitable<void> reception::turn_away_at_the_door(refusal_text why, bool source_is_known) {
    const auto patience = std::min(around_.startup_timeout, milliseconds(1'000));
    const auto last_words = co_await around_.limits.last_words().acquire(last_words_timeout);
    if (!last_words) {
        around_.refused("", why.sqlstate);
        co_return;
    }
    if (!source_is_known) {
        auto unheard = co_await learn_source(client_, by_.proxied, patience);
        if (unheard) {
            co_await end_greeting(std::move(*unheard));
            co_return;
        }
    }
    const auto rules = rules_within(patience, patience);
    auto greeted = co_await greet(client_, rules);
    if (std::holds_alternative<wire::client_hello>(greeted)) {
        co_await reject(std::move(why), unnoted);
        co_return;
    }
    if (std::holds_alternative<wire::startup_message>(greeted)) {
        greeted = std::move(why);
    }
    co_await end_greeting(std::move(greeted));
}

greeting_rules
reception::rules_within(milliseconds startup_timeout, milliseconds tls_timeout) const {
    return {
        .startup_timeout = startup_timeout,
        .tls_timeout = tls_timeout,
        .tls = by_.tls.get(),
        .passes_through = by_.passes_through,
    };
}

asio::awaitable<void> reception::end_greeting(greeting greeted) {
    if (auto* request = std::get_if<wire::cancel_request>(&greeted)) {
        co_await cancel(std::move(request->key));
    } else if (auto* refused = std::get_if<refusal_text>(&greeted)) {
        around_.refused("", refused->sqlstate);
        co_await refuse(client_, std::move(*refused), unnoted);
    } else if (const auto* malformed = std::get_if<wire::malformed_startup>(&greeted)) {
        co_await close_silently(client_, *malformed);
    } else if (const auto* failed = std::get_if<handshake_failed>(&greeted)) {
        log::info("tls_failed").with("peer", client_.peer()).with("reason", failed->reason);
    } else if (const auto* header = std::get_if<header_refused>(&greeted)) {
        log::info("proxy_header_refused")
            .with("listener", by_.name)
            .with("peer", client_.peer())
            .with("reason", header->reason);
    }
}

asio::awaitable<std::optional<errand>> reception::admit(wire::startup_message startup) {
    auto client = identity_in(startup);
    if (!is_certified_for(startup.user())) {
        login_denied denied{
            .text = certificate_not_for_role(startup.user()),
            .cause = login_cause::certificate_not_mapped,
        };
        co_await deny("", client, std::move(denied));
        co_return std::nullopt;
    }
    const auto server_name = client_.secured() ? client_.tls()->server_name() : std::string();
    auto found = find_way(server_name, std::move(startup));
    if (auto* refused = std::get_if<refusal_text>(&found)) {
        const refusal_notes notes{.client = &client};
        co_await reject(std::move(*refused), notes);
        co_return std::nullopt;
    }
    auto& way = std::get<destination>(found);
    const auto& settings = way.where->settings;
    auto proof = co_await authenticate(way, client);
    if (!proof) {
        co_return std::nullopt;
    }
    auto beyond = way.where->limits.enter(settings.name, way.startup.user(), places_);
    if (beyond) {
        const refusal_notes notes{.cluster = settings.name, .client = &client};
        co_await reject(std::move(*beyond), notes);
        co_return std::nullopt;
    }
    co_return errand_for(std::move(way), std::move(client), std::move(*proof));
}

asio::awaitable<std::optional<identified>>
reception::authenticate(const destination& way, const session_identity& client) {
    const auto& settings = way.where->settings;
    if (settings.roles == nullptr) {
        co_return identified{.who = nullptr, .protocol = 0};
    }
    auto answer = co_await identify(
        client_, *way.where, way.startup, around_.logins, around_.authentication_timeout
    );
    if (auto* denied = std::get_if<login_denied>(&answer)) {
        co_await deny(settings.name, client, std::move(*denied));
    }
    auto* const proved = std::get_if<identified>(&answer);
    if (proved == nullptr) {
        co_return std::nullopt;
    }
    co_return std::move(*proved);
}

errand reception::errand_for(destination way, session_identity client, identified proved) const {
    const auto& settings = way.where->settings;
    const auto application_name = way.startup.parameter("application_name");
    const auto patience = settings.hold_timeout_for(application_name);
    const auto what_it_may = judge(settings, way.startup);
    auto group = groups_.find_or_add(
        *way.where, way.startup.user(), application_name, client_.source(), what_it_may
    );
    return {
        .where = way.where,
        .group = std::move(group),
        .door = way.door,
        .startup = proved.who ? startup_for_server(way.startup) : std::move(way.startup.raw),
        .client = std::move(client),
        .who_is_it = std::move(proved.who),
        .what_it_may = what_it_may,
        .connection = settings.connection_for(way.startup.user()),
        .protocol = proved.protocol,
        .deadline = clock::now() + patience,
    };
}

asio::awaitable<std::optional<errand>> reception::admit_unopened(wire::client_hello hello) {
    // The rest of what it wants is for the server alone.
    auto found = find_way(hello.server_name, {});
    if (std::holds_alternative<refusal_text>(found)) {
        auto text = no_such_server(hello.server_name);
        co_await reject(std::move(text), unnoted);
        co_return std::nullopt;
    }
    const auto& way = std::get<destination>(found);
    const auto& settings = way.where->settings;
    auto beyond = way.where->limits.enter(settings.name, {}, places_);
    if (beyond) {
        const refusal_notes notes{.cluster = settings.name};
        co_await reject(std::move(*beyond), notes);
        co_return std::nullopt;
    }
    const auto what_it_may = judge(settings, {});
    auto group = groups_.find_or_add(*way.where, {}, {}, client_.source(), what_it_may);
    errand task{
        .where = way.where,
        .group = std::move(group),
        .door = way.door,
        .startup = std::move(hello.raw),
        .client = {},
        .unopened = true,
        .who_is_it = nullptr,
        .what_it_may = what_it_may,
        .deadline = clock::now() + settings.hold_timeout_for(""),
    };
    co_return task;
}

asio::awaitable<void> reception::reject(refusal_text why, refusal_notes notes) {
    around_.refused(notes.cluster, why.sqlstate);
    co_await turn_away(client_, by_, std::move(why), notes);
}

asio::awaitable<void>
reception::deny(std::string_view cluster, const session_identity& client, login_denied denied) {
    refusal_notes notes{
        .cluster = cluster, .client = &client, .cause = to_string(denied.cause), .logged = true
    };
    if (around_.login_log.takes_line(client_.source(), clock::now())) {
        log_refusal("login_refused", client_.peer(), denied.text, notes);
    }
    co_await reject(std::move(denied.text), notes);
}

bool reception::is_certified_for(std::string_view role) const {
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

std::variant<destination, refusal_text>
reception::find_way(std::string_view server_name, wire::startup_message startup) const {
    return find_destination(
        around_.routes, around_.clusters, by_.name, server_name, std::move(startup)
    );
}

/// In `auth: passthrough` by what the client says of itself, which nobody has proved yet.
wake_class
reception::judge(const cluster_settings& where, const wire::startup_message& startup) const {
    wake_request request{
        .role = startup.user(),
        .application_name = startup.parameter("application_name"),
    };
    if (const auto source = client_.source(); !source.is_unspecified()) {
        request.source = source;
    }
    return where.wakes.judge(request);
}

asio::awaitable<void> reception::cancel(std::string key) {
    const auto from = client_.source();
    co_await carry_cancel(around_, by_, from, std::move(key));
    // The end of the stream is the answer, and libpq wants TLS to end in due form.
    client_.finish_sending();
}

} // namespace wakegate::proxy
