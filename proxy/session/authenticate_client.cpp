#include "proxy/session/authenticate_client.hpp"

#include "proxy/session/sasl_exchange.hpp"
#include "proxy/wire/protocol_version.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace wakegate::proxy {

namespace asio = boost::asio;

namespace {

bool has_expired(const auth::role_entry* known) {
    const auto now = std::chrono::floor<seconds>(std::chrono::system_clock::now());
    return known != nullptr && !known->is_valid_at(now);
}

/// A role past its VALID UNTIL takes the same exchange as one that nobody has.
auth::scram_account
subject_of(const auth::role_entry* known, const login_limiter& logins, const std::string& who) {
    auto subject = auth::scram_account::of(
        known != nullptr ? &known->verifier : nullptr, logins.mock_secret(), who
    );
    subject.may_log_in = subject.may_log_in && !has_expired(known);
    return subject;
}

/// All of it is looked up for every role, so that none takes longer than another.
role_standing standing_of(
    const auth::role_entry* known,
    const auth::role_store& roles,
    std::string_view role,
    bool nobody_is_known
) {
    return {
        .is_known = known != nullptr,
        .has_expired = has_expired(known),
        .lacks_verifier = roles.lacks_verifier(role),
        .nobody_is_known = nobody_is_known,
    };
}

/// Before an attempt costs anything: how long this one is to wait.
std::optional<client_error> throttle(
    login_limiter& logins,
    const ip_address& from,
    const cluster_settings& where,
    std::string_view role
) {
    if (!where.roles->empty()) {
        logins.roles_known(where.name);
    }
    const auto wait = logins.retry_after(from, where.name, role);
    return wait ? std::optional(too_many_failures(*wait)) : std::nullopt;
}

void note_failure(
    login_limiter& logins,
    const ip_address& from,
    const cluster& where,
    std::string_view role,
    bool nobody_is_known
) {
    const auto& name = where.settings.name;
    if (nobody_is_known) {
        logins.failed_without_roles(from, name, role);
    } else {
        logins.failed(from, name, role);
    }
    where.verifiers->login_failed();
}

login_denied denied_for(client_error text, login_cause cause) {
    return {std::move(text), cause};
}

/// A client that has to wait because nobody is known is refused for that.
login_denied denied_by_throttle(client_error text, const auth::role_store& roles) {
    const auto cause = roles.empty() ? login_cause::no_roles_known : login_cause::throttled;
    return {std::move(text), cause};
}

authenticated_client
identified_as(const auth::role_entry& known, sasl_success success, std::uint32_t protocol) {
    authenticated_client made{.who = nullptr, .protocol = protocol};
    if (known.password) {
        made.who = std::make_unique<const auth::backend_secret>(*known.password);
    } else {
        made.who = std::make_unique<const auth::backend_secret>(std::move(success.keys));
    }
    return made;
}

} // namespace

asio::awaitable<authentication_result> authenticate_client(
    client_socket& client,
    const cluster& where,
    const wire::startup_message& startup,
    login_limiter& logins,
    milliseconds timeout
) {
    const auto from = client.source();
    const std::string role(startup.user());
    const auto agreement = wire::negotiate_protocol(startup);
    if (!agreement) {
        co_return denied_for(bad_startup("unsupported protocol"), login_cause::protocol);
    }
    const auto& settings = where.settings;
    bool was_throttled = false;
    const auto throttled = [&]() -> std::optional<client_error> {
        auto refused = throttle(logins, from, settings, role);
        was_throttled = refused.has_value();
        return refused;
    };
    if (auto refused = throttled()) {
        co_return denied_by_throttle(*std::move(refused), *settings.roles);
    }
    if (!agreement->negotiate_message.empty()) {
        co_await client.write(agreement->negotiate_message);
    }
    // For every role alike, those that nobody has and those of the operator's files, too: who waits
    // and for how long tells nothing of them.
    co_await where.verifiers->await_recent_roles();
    const bool nobody_is_known = settings.roles->empty();
    const auto known = settings.roles->find(role);
    const auto standing = standing_of(known.get(), *settings.roles, role, nobody_is_known);
    auto subject = subject_of(known.get(), logins, settings.name + '\0' + role);
    // Once more when the proof is there: or all who have begun by then could guess at once.
    throttle_check objection = throttled;
    auto result =
        co_await sasl_exchange(client, std::move(subject), role, timeout, std::move(objection));
    if (auto* refused = std::get_if<client_error>(&result)) {
        if (refused->sqlstate == wrong_password) {
            note_failure(logins, from, where, role, nobody_is_known);
        }
        if (was_throttled) {
            co_return denied_by_throttle(std::move(*refused), *settings.roles);
        }
        const auto cause = cause_of_refusal(refused->sqlstate, standing);
        co_return denied_for(std::move(*refused), cause);
    }
    auto* const success = std::get_if<sasl_success>(&result);
    if (success == nullptr) {
        co_return client_disconnected();
    }
    logins.succeeded(from);
    co_return identified_as(*known, std::move(*success), agreement->version);
}

} // namespace wakegate::proxy
