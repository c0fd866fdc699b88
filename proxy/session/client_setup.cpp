#include "proxy/session/client_setup.hpp"

#include "common/log.hpp"
#include "proxy/cancel/handle_cancel.hpp"
#include "proxy/session/read_proxy_header.hpp"
#include "proxy/session/send_error_and_close.hpp"
#include "proxy/wire/messages.hpp"
#include "proxy/wire/postgres_name.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <vector>

namespace wakegate::proxy {

namespace asio = boost::asio;

namespace {

/// Held by a refused client while it waits for its error.
constexpr auto rejection_wait = seconds(5);

session_identity identity_in(const wire::startup_message& startup) {
    const auto application_name = startup.parameter("application_name");
    return {
        .peer = {},
        .role = std::string(startup.user()),
        .database = std::string(startup.database()),
        .application_name = std::string(wire::truncate_name(application_name)),
    };
}

/// The startup message for the server of a client that has logged in at the proxy: protocol 3.0,
/// with all parameters but the `_pq_.` options, which proxy and client have settled.
std::string startup_for_server(const wire::startup_message& startup) {
    std::vector<std::pair<std::string, std::string>> parameters;
    for (const auto& each : startup.parameters) {
        if (!each.first.starts_with("_pq_.")) {
            parameters.push_back(each);
        }
    }
    return wire::startup_message_3_0(parameters);
}

} // namespace

client_setup::client_setup(
    client_socket& client,
    const listener& listener,
    session_context& context,
    client_groups& groups,
    quota_guards& quotas
)
    : client_(client), listener_(listener), context_(context), groups_(groups), quotas_(quotas) {}

asio::awaitable<setup_result<>> client_setup::accept(bool is_full) {
    // A load balancer's header names the client, so the client is known only behind it.
    const bool source_is_known = is_full || !listener_.proxy_protocol.trusts(client_.source());
    if (source_is_known) {
        auto quota = take_quota(is_full);
        if (!quota) {
            auto reason = co_await prepare_early_error(quota.error(), false);
            co_return reason;
        }
    }
    const auto header =
        co_await read_proxy_header(client_, listener_.proxy_protocol, context_.startup_timeout);
    if (!header) {
        co_return header.error();
    }
    if (!source_is_known) {
        auto quota = take_quota(is_full);
        if (!quota) {
            auto reason = co_await prepare_early_error(quota.error(), true);
            co_return reason;
        }
    }
    co_return setup_result<>();
}

limit_result client_setup::take_quota(bool is_full) {
    if (is_full) {
        return limit_error{limit_errc::max_clients};
    }
    return context_.source_limit.acquire(client_.source(), quotas_);
}

/// Finish the handshake first: drivers parse an ErrorResponse only there. Bounded to 1 s, and to so
/// many clients at one time. CancelRequests are still served: they take no quota, and may make
/// room.
asio::awaitable<setup_end>
client_setup::prepare_early_error(limit_error error, bool source_is_known) {
    const auto timeout = std::min(context_.startup_timeout, milliseconds(1'000));
    auto slot = co_await context_.source_limit.rejection_slots().acquire(rejection_wait);
    if (!slot) {
        context_.count_refusal("", to_client_error(error).sqlstate);
        co_return handshake_error{handshake_errc::client_disconnected};
    }
    rejection_slot_.emplace(*std::move(slot));
    handshake_result<> header;
    if (!source_is_known) {
        header = co_await read_proxy_header(client_, listener_.proxy_protocol, timeout);
    }
    if (!header) {
        co_return header.error();
    }
    const auto settings = settings_within(timeout, timeout);
    auto request = co_await proxy::handshake(client_, settings);
    if (!request) {
        co_return request.error();
    }
    if (auto* const cancel = std::get_if<wire::cancel_request>(&*request)) {
        co_return setup_end(std::move(*cancel));
    }
    tls_passthrough_ = std::holds_alternative<wire::client_hello>(*request);
    co_return error;
}

asio::awaitable<setup_result<client_request>> client_setup::handshake() {
    const auto settings = settings_within(context_.startup_timeout, context_.tls_timeout);
    auto request = co_await proxy::handshake(client_, settings);
    if (!request) {
        co_return request.error();
    }
    if (auto* const cancel = std::get_if<wire::cancel_request>(&*request)) {
        co_return setup_end(std::move(*cancel));
    }
    tls_passthrough_ = std::holds_alternative<wire::client_hello>(*request);
    co_return *std::move(request);
}

handshake_settings
client_setup::settings_within(milliseconds startup_timeout, milliseconds tls_timeout) const {
    return {
        .startup_timeout = startup_timeout,
        .tls_timeout = tls_timeout,
        .tls = listener_.tls.get(),
        .tls_passthrough = listener_.tls_passthrough,
    };
}

setup_result<destination> client_setup::resolve_route(client_request request) {
    std::string server_name;
    wire::startup_message startup;
    if (auto* const hello = std::get_if<wire::client_hello>(&request)) {
        server_name = std::move(hello->server_name); // the server reads the rest
    } else {
        startup = std::get<wire::startup_message>(std::move(request));
        identity_ = identity_in(startup);
        const auto certified = check_certificate(startup.user());
        if (!certified) {
            return certified.error();
        }
        server_name = client_.uses_tls() ? client_.tls()->server_name() : std::string();
    }
    auto found = proxy::resolve_route(
        context_.routes, context_.clusters, listener_.name, server_name, std::move(startup)
    );
    if (!found && tls_passthrough_) {
        return route_error{route_errc::no_route_for_server, std::move(server_name)};
    }
    if (!found) {
        return found.error();
    }
    if (auto* const hello = std::get_if<wire::client_hello>(&request)) {
        found->startup = {.protocol = 0, .parameters = {}, .raw = std::move(hello->raw)};
    }
    cluster_ = found->target->settings.name;
    return *std::move(found);
}

auth_result<> client_setup::check_certificate(std::string_view role) const {
    if (listener_.roles.empty()) {
        return {};
    }
    const auto names =
        client_.uses_tls() ? client_.tls()->peer_names() : std::vector<std::string>();
    if (listener_.roles.allows(names, role)) {
        return {};
    }
    log::info("certificate_not_mapped")
        .with("listener", listener_.name)
        .with("role", role)
        .with("names", fmt::format("{}", fmt::join(names, " ")));
    return auth_error{.code = auth_errc::certificate_not_mapped};
}

asio::awaitable<setup_result<authenticated_client>>
client_setup::authenticate(const destination& route) {
    if (route.target->settings.roles == nullptr) {
        co_return authenticated_client();
    }
    auto result = co_await authenticate_client(
        client_, *route.target, route.startup, context_.logins, context_.authentication_timeout
    );
    if (!result) {
        co_return result.error();
    }
    co_return *std::move(result);
}

setup_result<session_request>
client_setup::make_request(destination route, authenticated_client authenticated) {
    auto& startup = route.startup;
    const auto& settings = route.target->settings;
    const auto quota = route.target->limits.acquire(settings.name, startup.user(), quotas_);
    if (!quota) {
        return quota.error();
    }
    const auto application_name = startup.parameter("application_name");
    const auto wake = classify(settings, startup);
    auto group = groups_.find_or_add(
        *route.target, startup.user(), application_name, client_.source(), wake
    );
    const auto connection =
        tls_passthrough_ ? connection_kind::ordinary : settings.connection_for(startup.user());
    const auto deadline = clock::now() + settings.hold_timeout_for(application_name);
    return session_request{
        .target = route.target,
        .group = std::move(group),
        .endpoint = route.endpoint,
        .startup = authenticated.credentials ? startup_for_server(startup) : std::move(startup.raw),
        .client = std::move(identity_).value_or(session_identity()),
        .tls_passthrough = tls_passthrough_,
        .credentials = std::move(authenticated.credentials),
        .wake = wake,
        .connection = connection,
        .protocol = authenticated.protocol,
        .deadline = deadline,
    };
}

/// With `auth: passthrough` by the client's claims, which are not proved yet.
wake_class client_setup::classify(
    const cluster_settings& settings, const wire::startup_message& startup
) const {
    wake_request request{
        .role = startup.user(),
        .application_name = startup.parameter("application_name"),
    };
    if (const auto source = client_.source(); !source.is_unspecified()) {
        request.source = source;
    }
    return settings.wake.classify(request);
}

asio::awaitable<void> client_setup::end(setup_end reason) {
    const error_log_fields fields{
        .cluster = cluster_,
        .client = identity_ ? &*identity_ : nullptr,
    };
    if (auto* const cancelled = std::get_if<wire::cancel_request>(&reason)) {
        co_await cancel(std::move(cancelled->key));
    } else if (auto* const unfinished = std::get_if<handshake_error>(&reason)) {
        co_await end_handshake(std::move(*unfinished));
    } else if (auto* const denied = std::get_if<auth_error>(&reason)) {
        co_await send_login_error(std::move(*denied));
    } else if (const auto* const unrouted = std::get_if<route_error>(&reason)) {
        co_await send_error(to_client_error(*unrouted), fields);
    } else if (const auto* const crowded = std::get_if<limit_error>(&reason)) {
        co_await send_error(to_client_error(*crowded), fields);
    }
}

asio::awaitable<void> client_setup::end_handshake(handshake_error error) {
    switch (error.code) {
    case handshake_errc::client_disconnected:
        co_return;
    case handshake_errc::proxy_header_rejected:
        log::info("proxy_header_refused")
            .with("listener", listener_.name)
            .with("peer", client_.peer())
            .with("reason", error.reason);
        co_return;
    case handshake_errc::tls_failed:
        log::info("tls_failed").with("peer", client_.peer()).with("reason", error.reason);
        co_return;
    case handshake_errc::malformed_startup:
        co_await close_without_answer(client_, std::move(error.reason));
        co_return;
    default:
        break;
    }
    const error_log_fields unknown;
    co_await send_error(to_client_error(error), unknown);
}

/// Such an error has a log event of its own, whose lines are bounded.
asio::awaitable<void> client_setup::send_login_error(auth_error error) {
    if (error.code == auth_errc::client_disconnected) {
        co_return;
    }
    const auto& client = *identity_;
    auto rejection = to_client_error(error, client.role);
    const error_log_fields fields{
        .cluster = cluster_, .client = &client, .cause = log_cause(error), .logged = true
    };
    if (context_.login_log.takes_line(client_.source(), clock::now())) {
        log_client_error("login_refused", client_.peer(), rejection, fields);
    }
    co_await send_error(std::move(rejection), fields);
}

asio::awaitable<void> client_setup::send_error(client_error error, error_log_fields fields) {
    context_.count_refusal(fields.cluster, error.sqlstate);
    if (tls_passthrough_) {
        error.form = error_form::tls_alert;
    }
    co_await send_error_and_close(client_, std::move(error), fields);
}

asio::awaitable<void> client_setup::cancel(std::string key) {
    const cancel_client source{
        .address = client_.source(),
        .listener = listener_.name,
        .broadcasts_cancels = listener_.broadcast_cancels,
    };
    co_await handle_cancel(context_.cancels, context_.clusters, source, std::move(key));
    // The end of the stream is the answer; libpq wants TLS to end with close_notify.
    client_.shutdown_send();
}

} // namespace wakegate::proxy
