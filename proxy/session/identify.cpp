#include "proxy/session/identify.hpp"

#include "proxy/session/authenticate.hpp"
#include "proxy/wire/protocol_version.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <utility>

namespace wakegate::proxy {

namespace asio = boost::asio;

namespace {

auth::scram_subject
subject_of(const auth::known_role* known, const login_guard& logins, const std::string& who) {
    auto subject = auth::scram_subject::of(
        known != nullptr ? &known->verifier : nullptr, logins.mock_secret(), who
    );
    // VALID UNTIL: the same exchange, as for a role that nobody has.
    const auto now = std::chrono::floor<seconds>(std::chrono::system_clock::now());
    const bool has_expired = known != nullptr && !known->is_valid_at(now);
    subject.may_log_in = subject.may_log_in && !has_expired;
    return subject;
}

} // namespace

asio::awaitable<identification> identify(
    client_socket& client,
    const cluster& where,
    const wire::startup_message& startup,
    login_guard& logins,
    milliseconds timeout
) {
    const auto from = client.source();
    const std::string role(startup.user());
    const auto agreement = wire::agree_on_protocol(startup);
    if (!agreement) {
        co_return identification(bad_startup("unsupported protocol"));
    }
    const auto& settings = where.settings;
    const auto throttled = [&]() -> std::optional<refusal_text> {
        const auto wait = logins.refused_for(from, settings.name, role);
        return wait ? std::optional(too_many_failures(*wait)) : std::nullopt;
    };
    if (auto refused = throttled()) {
        co_return identification(*std::move(refused));
    }
    if (!agreement->announcement.empty()) {
        co_await client.write(agreement->announcement);
    }
    // For every role alike, those that nobody has and those of the operator's files, too: who waits
    // and for how long tells nothing of them.
    co_await where.verifiers->await_recent_roles();
    const auto known = settings.roles->find(role);
    auto subject = subject_of(known.get(), logins, settings.name + '\0' + role);
    // Once more when the proof is there: or all who have begun by then could guess at once.
    proof_objection objection = throttled;
    auto result =
        co_await authenticate(client, std::move(subject), role, timeout, std::move(objection));
    if (auto* refused = std::get_if<refusal_text>(&result)) {
        if (refused->sqlstate == wrong_password) {
            logins.failed(from, settings.name, role);
            where.verifiers->login_failed();
        }
        co_return identification(std::move(*refused));
    }
    auto* const success = std::get_if<proved>(&result);
    if (success == nullptr) {
        co_return left_early();
    }
    logins.succeeded(from);
    identified made{.who = nullptr, .protocol = agreement->spoken};
    if (known->password) {
        made.who = std::make_unique<const auth::backend_secret>(*known->password);
    } else {
        made.who = std::make_unique<const auth::backend_secret>(std::move(success->keys));
    }
    co_return identification(std::move(made));
}

} // namespace wakegate::proxy
