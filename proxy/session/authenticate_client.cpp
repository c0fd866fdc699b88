#include "proxy/session/authenticate_client.hpp"

#include "proxy/session/sasl_exchange.hpp"
#include "proxy/wire/protocol_version.hpp"

#include <chrono>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace wakegate::proxy {

namespace asio = boost::asio;

namespace {

bool has_expired(const auth::role_entry* known) {
    const auto now = std::chrono::floor<seconds>(std::chrono::system_clock::now());
    return known != nullptr && !known->is_valid_at(now);
}

/// An expired role (VALID UNTIL) gets the same exchange as an unknown one.
auth::scram_account
subject_of(const auth::role_entry* known, const login_limiter& logins, const std::string& name) {
    auto subject = auth::scram_account::of(
        known != nullptr ? &known->verifier : nullptr, logins.mock_secret(), name
    );
    subject.may_log_in = subject.may_log_in && !has_expired(known);
    return subject;
}

/// Looks up everything for every role, so that none takes longer than another.
role_status status_of(
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

/// Runs before an attempt costs anything. A client that waits because no role of the cluster is
/// known gets an error of its own.
auth_result<> check_throttle(
    login_limiter& logins,
    const ip_address& source,
    const cluster_settings& settings,
    std::string_view role
) {
    const bool nobody_is_known = settings.roles->empty();
    if (!nobody_is_known) {
        logins.roles_known(settings.name);
    }
    const auto wait = logins.retry_after(source, settings.name, role);
    if (!wait) {
        return {};
    }
    const auto code = nobody_is_known ? auth_errc::throttled_without_roles : auth_errc::throttled;
    return auth_error{.code = code, .retry_after = *wait};
}

void count_failure(
    login_limiter& logins,
    const ip_address& source,
    const cluster& target,
    std::string_view role,
    bool nobody_is_known
) {
    const auto& name = target.settings.name;
    if (nobody_is_known) {
        logins.failed_without_roles(source, name, role);
    } else {
        logins.failed(source, name, role);
    }
    target.verifiers->login_failed();
}

/// The operator's password where it is known, else the keys from the client's proof.
backend_credentials credentials_of(const auth::role_entry& known, auth::scram_login_keys keys) {
    if (known.password) {
        return std::make_unique<const auth::backend_secret>(*known.password);
    }
    return std::make_unique<const auth::backend_secret>(std::move(keys));
}

} // namespace

auth_errc wrong_proof(const role_status& role) noexcept {
    if (role.is_known) { // perhaps by a file, whatever the server has
        return role.has_expired ? auth_errc::expired : auth_errc::wrong_password;
    }
    return role.nobody_is_known  ? auth_errc::no_roles_known
           : role.lacks_verifier ? auth_errc::no_verifier
                                 : auth_errc::unknown_role;
}

asio::awaitable<auth_result<authenticated_client>> authenticate_client(
    client_socket& client,
    const cluster& target,
    const wire::startup_message& startup,
    login_limiter& logins,
    milliseconds timeout
) {
    const auto source = client.source();
    const std::string role(startup.user());
    const auto agreement = wire::negotiate_protocol(startup);
    if (!agreement) {
        co_return auth_error{.code = auth_errc::unsupported_protocol};
    }
    const auto& settings = target.settings;
    const auto throttled = [&logins, &source, &settings, &role] {
        return check_throttle(logins, source, settings, role);
    };
    if (const auto allowed = throttled(); !allowed) {
        co_return allowed.error();
    }
    if (!agreement->negotiate_message.empty()) {
        co_await client.write(agreement->negotiate_message);
    }
    // For every role, unknown ones and those of the operator's files too: a wait must not tell
    // clients which roles exist.
    co_await target.verifiers->await_recent_roles();
    const bool nobody_is_known = settings.roles->empty();
    const auto known = settings.roles->find(role);
    const auto status = status_of(known.get(), *settings.roles, role, nobody_is_known);
    auto subject = subject_of(known.get(), logins, settings.name + '\0' + role);
    // Again at the proof: else all logins that began by then could guess at once.
    throttle_check check = throttled;
    auto keys = co_await sasl_exchange(client, std::move(subject), timeout, std::move(check));
    if (!keys) {
        auto error = keys.error();
        if (error.code == auth_errc::wrong_password) {
            count_failure(logins, source, target, role, nobody_is_known);
            error.code = wrong_proof(status);
        }
        co_return error;
    }
    logins.succeeded(source);
    co_return authenticated_client{credentials_of(*known, *std::move(keys)), agreement->version};
}

} // namespace wakegate::proxy
