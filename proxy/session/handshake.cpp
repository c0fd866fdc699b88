#include "proxy/session/handshake.hpp"

#include "proxy/net/phase_deadline.hpp"
#include "proxy/net/read_message.hpp"
#include "proxy/wire/first_byte.hpp"

#include <string>
#include <string_view>
#include <utility>

namespace wakegate::proxy {
namespace {

namespace asio = boost::asio;

/// Begin TLS: at once, or after an 'S' that the client waits for.
struct tls_wanted {
    bool at_once = false;
};

using negotiation = std::variant<client_request, tls_wanted>;

bool is_encryption_request(const wire::startup_packet& startup_packet) {
    return std::holds_alternative<wire::ssl_request>(startup_packet) ||
           std::holds_alternative<wire::gss_request>(startup_packet);
}

handshake_error to_error(const wire::rejected_startup& rejected) {
    switch (rejected.error) {
    case wire::startup_error::unsupported_protocol:
        return {.code = handshake_errc::unsupported_protocol, .protocol = rejected.protocol};
    case wire::startup_error::invalid_layout:
        return {.code = handshake_errc::invalid_layout};
    case wire::startup_error::no_user:
        break;
    }
    return {.code = handshake_errc::no_user};
}

handshake_result<negotiation> to_result(wire::startup_packet startup_packet) {
    if (auto* const startup = std::get_if<wire::startup_message>(&startup_packet)) {
        return negotiation(std::move(*startup));
    }
    if (auto* const cancel = std::get_if<wire::cancel_request>(&startup_packet)) {
        return negotiation(std::move(*cancel));
    }
    if (const auto* const rejected = std::get_if<wire::rejected_startup>(&startup_packet)) {
        return to_error(*rejected);
    }
    auto& malformed = std::get<wire::malformed_startup>(startup_packet);
    return handshake_error{handshake_errc::malformed_startup, std::move(malformed.reason)};
}

handshake_error tls_error(std::string reason) {
    return {handshake_errc::tls_failed, std::move(reason)};
}

/// Answers requests until the startup message or until TLS begins. Ends, since `decoder` accepts
/// each only once.
asio::awaitable<handshake_result<negotiation>> negotiate(
    client_socket& client, const handshake_settings& settings, wire::startup_decoder& decoder
) {
    const phase_deadline deadline(client.socket(), settings.startup_timeout);
    const bool offers_tls =
        settings.tls_passthrough || (settings.tls != nullptr && !client.uses_tls());
    bool connected = true;
    if (offers_tls) {
        const auto first = co_await client.peek();
        connected = first.has_value();
        if (connected && wire::classify_first_byte(*first) == wire::first_bytes::direct_tls) {
            co_return negotiation(tls_wanted{.at_once = true});
        }
    }
    for (;;) {
        const bool complete = connected && co_await read_message(client, decoder);
        if (!complete) {
            co_return handshake_error{
                deadline.expired() ? handshake_errc::startup_timeout
                                   : handshake_errc::client_disconnected
            };
        }
        auto startup_packet = decoder.take();
        if (!is_encryption_request(startup_packet)) {
            co_return to_result(std::move(startup_packet));
        }
        if (offers_tls && std::holds_alternative<wire::ssl_request>(startup_packet)) {
            decoder.end_encryption_requests();
            co_return negotiation(tls_wanted{.at_once = false});
        }
        constexpr std::string_view not_offered = "N"; // the client continues without, or leaves
        connected = co_await client.write(not_offered);
    }
}

/// Sends 'S', except to a client that has sent more: a third party could have injected those bytes
/// to pass for part of what TLS protects (CVE-2021-23222). Only TLS reads here, so they could not;
/// the client gets Postgres's answer all the same.
asio::awaitable<handshake_result<>> agree_to_tls(client_socket& client) {
    if (client.has_unread()) {
        co_return handshake_error{handshake_errc::unencrypted_data};
    }
    constexpr std::string_view agreed = "S";
    const bool sent = co_await client.write(agreed);
    if (!sent) {
        co_return handshake_error{handshake_errc::client_disconnected};
    }
    co_return handshake_result<>();
}

asio::awaitable<handshake_result<>>
start_tls(client_socket& client, const handshake_settings& settings, bool at_once) {
    const phase_deadline deadline(client.socket(), settings.tls_timeout);
    handshake_result<> result;
    if (!at_once) {
        result = co_await agree_to_tls(client);
    }
    if (!result) {
        co_return result;
    }
    auto context = settings.tls->current();
    const bool secured = co_await client.secure(std::move(context));
    if (deadline.expired()) {
        result = tls_error("it took too long");
    } else if (!secured && client.tls()->failure().empty()) {
        result = handshake_error{handshake_errc::client_disconnected};
    } else if (!secured) {
        result = tls_error(client.tls()->failure());
    } else if (at_once && client.tls()->alpn_protocol() != wire::postgresql_protocol) {
        // Postgres 17 closes without an answer, too.
        result = tls_error("direct TLS without the protocol \"postgresql\" (ALPN)");
    }
    co_return result;
}

/// With TLS that passes through.
asio::awaitable<handshake_result<client_request>>
read_client_hello(client_socket& client, const handshake_settings& settings, bool at_once) {
    const phase_deadline deadline(client.socket(), settings.tls_timeout);
    if (!at_once) {
        const auto agreed = co_await agree_to_tls(client);
        if (!agreed) {
            co_return agreed.error();
        }
    }
    wire::client_hello_decoder decoder;
    const bool complete = co_await read_message(client, decoder);
    if (!complete && deadline.expired()) {
        co_return tls_error("it took too long");
    }
    if (!complete) {
        co_return handshake_error{handshake_errc::client_disconnected};
    }
    auto first = decoder.take();
    if (auto* const hello = std::get_if<wire::client_hello>(&first)) {
        co_return client_request(std::move(*hello));
    }
    const auto* const malformed = std::get_if<wire::malformed_client_hello>(&first);
    co_return tls_error(malformed == nullptr ? "it is no TLS" : malformed->reason);
}

/// Refuses a session without TLS where TLS is required, but no CancelRequest.
handshake_result<client_request> check_encryption(
    const client_socket& client, const handshake_settings& settings, client_request request
) {
    const auto* const startup = std::get_if<wire::startup_message>(&request);
    const bool is_required =
        settings.tls_passthrough || (settings.tls != nullptr && settings.tls->required());
    if (startup == nullptr || !is_required || client.uses_tls()) {
        return request;
    }
    return handshake_error{
        .code = handshake_errc::encryption_required,
        .user = std::string(startup->user()),
        .database = std::string(startup->database()),
        .host = client.host(),
    };
}

} // namespace

asio::awaitable<handshake_result<client_request>>
handshake(client_socket& client, const handshake_settings& settings) {
    wire::startup_decoder decoder;
    auto first = co_await negotiate(client, settings, decoder);
    if (!first) {
        co_return first.error();
    }
    const auto* const wanted = std::get_if<tls_wanted>(&*first);
    if (wanted != nullptr && settings.tls_passthrough) {
        auto hello = co_await read_client_hello(client, settings, wanted->at_once);
        co_return hello;
    }
    if (wanted != nullptr) {
        const auto secured = co_await start_tls(client, settings, wanted->at_once);
        if (!secured) {
            co_return secured.error();
        }
        first = co_await negotiate(client, settings, decoder);
    }
    if (!first) {
        co_return first.error();
    }
    co_return check_encryption(client, settings, std::get<client_request>(*std::move(first)));
}

} // namespace wakegate::proxy
