#include "proxy/session/client_setup.hpp"

#include "common/log.hpp"
#include "proxy/session/carry_cancel.hpp"
#include "proxy/session/dial_as.hpp"
#include "proxy/session/read_proxy_header.hpp"
#include "proxy/session/send_error.hpp"
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
constexpr error_log_fields unnoted;

session_identity identity_in(const wire::startup_message& startup) {
    const auto application_name = startup.parameter("application_name");
    return {
        .peer = {},
        .role = std::string(startup.user()),
        .database = std::string(startup.database()),
        .application_name = std::string(wire::truncate_name(application_name)),
    };
}

} // namespace

client_setup::client_setup(
    client_socket& client,
    const listener& listener,
    session_context& context,
    client_groups& groups,
    quota_guards& places
)
    : client_(client), listener_(listener), context_(context), groups_(groups), places_(places) {}

asio::awaitable<std::optional<session_request>> client_setup::receive(bool is_full) {
    // Whose place a load balancer's connection takes is known when it has said so.
    const bool stands_for_itself = is_full || !listener_.proxy_protocol.trusts(client_.source());
    auto beyond = stands_for_itself ? take_place(is_full) : std::nullopt;
    if (beyond) {
        co_await turn_away_at_the_door(std::move(*beyond), false);
        co_return std::nullopt;
    }
    auto unheard =
        co_await read_proxy_header(client_, listener_.proxy_protocol, context_.startup_timeout);
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
    const auto rules = rules_within(context_.startup_timeout, context_.tls_timeout);
    auto greeted = co_await handshake(client_, rules);
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

std::optional<client_error> client_setup::take_place(bool is_full) {
    return is_full ? too_many_clients() : context_.limits.enter(client_.source(), places_);
}

/// In due form, or drivers would not understand it; but not for long. Who wants something cancelled
/// takes no place, and may make one free.
asio::awaitable<void> client_setup::turn_away_at_the_door(client_error why, bool source_is_known) {
    const auto patience = std::min(context_.startup_timeout, milliseconds(1'000));
    const auto rejection_slots =
        co_await context_.limits.rejection_slots().acquire(last_words_timeout);
    if (!rejection_slots) {
        context_.refused("", why.sqlstate);
        co_return;
    }
    if (!source_is_known) {
        auto unheard = co_await read_proxy_header(client_, listener_.proxy_protocol, patience);
        if (unheard) {
            co_await end_greeting(std::move(*unheard));
            co_return;
        }
    }
    const auto rules = rules_within(patience, patience);
    auto greeted = co_await handshake(client_, rules);
    if (std::holds_alternative<wire::client_hello>(greeted)) {
        co_await reject(std::move(why), unnoted);
        co_return;
    }
    if (std::holds_alternative<wire::startup_message>(greeted)) {
        greeted = std::move(why);
    }
    co_await end_greeting(std::move(greeted));
}

handshake_settings
client_setup::rules_within(milliseconds startup_timeout, milliseconds tls_timeout) const {
    return {
        .startup_timeout = startup_timeout,
        .tls_timeout = tls_timeout,
        .tls = listener_.tls.get(),
        .tls_passthrough = listener_.tls_passthrough,
    };
}

asio::awaitable<void> client_setup::end_greeting(handshake_result greeted) {
    if (auto* request = std::get_if<wire::cancel_request>(&greeted)) {
        co_await cancel(std::move(request->key));
    } else if (auto* refused = std::get_if<client_error>(&greeted)) {
        context_.refused("", refused->sqlstate);
        co_await send_error(client_, std::move(*refused), unnoted);
    } else if (const auto* malformed = std::get_if<wire::malformed_startup>(&greeted)) {
        co_await close_silently(client_, *malformed);
    } else if (const auto* failed = std::get_if<tls_failed>(&greeted)) {
        log::info("tls_failed").with("peer", client_.peer()).with("reason", failed->reason);
    } else if (const auto* header = std::get_if<proxy_header_rejected>(&greeted)) {
        log::info("proxy_header_refused")
            .with("listener", listener_.name)
            .with("peer", client_.peer())
            .with("reason", header->reason);
    }
}

asio::awaitable<std::optional<session_request>> client_setup::admit(wire::startup_message startup) {
    auto client = identity_in(startup);
    if (!is_certified_for(startup.user())) {
        login_denied denied{
            .text = certificate_not_for_role(startup.user()),
            .cause = login_cause::certificate_not_mapped,
        };
        co_await deny("", client, std::move(denied));
        co_return std::nullopt;
    }
    const auto server_name = client_.uses_tls() ? client_.tls()->server_name() : std::string();
    auto found = find_way(server_name, std::move(startup));
    if (auto* refused = std::get_if<client_error>(&found)) {
        const error_log_fields notes{.client = &client};
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
        const error_log_fields notes{.cluster = settings.name, .client = &client};
        co_await reject(std::move(*beyond), notes);
        co_return std::nullopt;
    }
    co_return request_for(std::move(way), std::move(client), std::move(*proof));
}

asio::awaitable<std::optional<authenticated_client>>
client_setup::authenticate(const destination& way, const session_identity& client) {
    const auto& settings = way.where->settings;
    if (settings.roles == nullptr) {
        co_return authenticated_client{.who = nullptr, .protocol = 0};
    }
    auto answer = co_await authenticate_client(
        client_, *way.where, way.startup, context_.logins, context_.authentication_timeout
    );
    if (auto* denied = std::get_if<login_denied>(&answer)) {
        co_await deny(settings.name, client, std::move(*denied));
    }
    auto* const proved = std::get_if<authenticated_client>(&answer);
    if (proved == nullptr) {
        co_return std::nullopt;
    }
    co_return std::move(*proved);
}

session_request client_setup::request_for(
    destination way, session_identity client, authenticated_client proved
) const {
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
        .endpoint = way.endpoint,
        .startup = proved.who ? startup_for_server(way.startup) : std::move(way.startup.raw),
        .client = std::move(client),
        .who_is_it = std::move(proved.who),
        .what_it_may = what_it_may,
        .connection = settings.connection_for(way.startup.user()),
        .protocol = proved.protocol,
        .deadline = clock::now() + patience,
    };
}

asio::awaitable<std::optional<session_request>>
client_setup::admit_unopened(wire::client_hello hello) {
    // The rest of what it wants is for the server alone.
    auto found = find_way(hello.server_name, {});
    if (std::holds_alternative<client_error>(found)) {
        auto text = no_such_server(hello.server_name);
        co_await reject(std::move(text), unnoted);
        co_return std::nullopt;
    }
    const auto& way = std::get<destination>(found);
    const auto& settings = way.where->settings;
    auto beyond = way.where->limits.enter(settings.name, {}, places_);
    if (beyond) {
        const error_log_fields notes{.cluster = settings.name};
        co_await reject(std::move(*beyond), notes);
        co_return std::nullopt;
    }
    const auto what_it_may = judge(settings, {});
    auto group = groups_.find_or_add(*way.where, {}, {}, client_.source(), what_it_may);
    session_request task{
        .where = way.where,
        .group = std::move(group),
        .endpoint = way.endpoint,
        .startup = std::move(hello.raw),
        .client = {},
        .tls_passthrough = true,
        .who_is_it = nullptr,
        .what_it_may = what_it_may,
        .deadline = clock::now() + settings.hold_timeout_for(""),
    };
    co_return task;
}

asio::awaitable<void> client_setup::reject(client_error why, error_log_fields notes) {
    context_.refused(notes.cluster, why.sqlstate);
    co_await send_error_and_close(client_, listener_, std::move(why), notes);
}

asio::awaitable<void>
client_setup::deny(std::string_view cluster, const session_identity& client, login_denied denied) {
    error_log_fields notes{
        .cluster = cluster, .client = &client, .cause = to_string(denied.cause), .logged = true
    };
    if (context_.login_log.takes_line(client_.source(), clock::now())) {
        log_refusal("login_refused", client_.peer(), denied.text, notes);
    }
    co_await reject(std::move(denied.text), notes);
}

bool client_setup::is_certified_for(std::string_view role) const {
    if (listener_.roles.empty()) {
        return true;
    }
    const auto names =
        client_.uses_tls() ? client_.tls()->peer_names() : std::vector<std::string>();
    if (listener_.roles.allows(names, role)) {
        return true;
    }
    log::info("certificate_not_mapped")
        .with("listener", listener_.name)
        .with("role", role)
        .with("names", fmt::format("{}", fmt::join(names, " ")));
    return false;
}

std::variant<destination, client_error>
client_setup::find_way(std::string_view server_name, wire::startup_message startup) const {
    return resolve_route(
        context_.routes, context_.clusters, listener_.name, server_name, std::move(startup)
    );
}

/// In `auth: passthrough` by what the client says of itself, which nobody has proved yet.
wake_class
client_setup::judge(const cluster_settings& where, const wire::startup_message& startup) const {
    wake_request request{
        .role = startup.user(),
        .application_name = startup.parameter("application_name"),
    };
    if (const auto source = client_.source(); !source.is_unspecified()) {
        request.source = source;
    }
    return where.wake.classify(request);
}

asio::awaitable<void> client_setup::cancel(std::string key) {
    const auto from = client_.source();
    co_await handle_cancel(context_, listener_, from, std::move(key));
    // The end of the stream is the answer, and libpq wants TLS to end in due form.
    client_.shutdown_send();
}

} // namespace wakegate::proxy
