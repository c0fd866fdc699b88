#include "proxy/session/handshake.hpp"

#include "proxy/net/phase_deadline.hpp"
#include "proxy/net/read_message.hpp"
#include "proxy/wire/client_hello.hpp"
#include "proxy/wire/first_byte.hpp"

#include <optional>
#include <utility>

namespace wakegate::proxy {
namespace {

namespace asio = boost::asio;

/// TLS comes next: at once, or after an 'S' that the client waits for.
struct tls_wanted {
    bool at_once = false;
};

using negotiated = std::variant<handshake_result, tls_wanted>;

bool is_encryption_request(const wire::startup_packet& startup_packet) {
    return std::holds_alternative<wire::ssl_request>(startup_packet) ||
           std::holds_alternative<wire::gss_request>(startup_packet);
}

handshake_result to_greeting(wire::startup_packet startup_packet) {
    if (auto* startup = std::get_if<wire::startup_message>(&startup_packet)) {
        return std::move(*startup);
    }
    if (auto* cancel = std::get_if<wire::cancel_request>(&startup_packet)) {
        return std::move(*cancel);
    }
    if (const auto* rejected = std::get_if<wire::rejected_startup>(&startup_packet)) {
        return startup_rejected(*rejected);
    }
    return std::get<wire::malformed_startup>(std::move(startup_packet));
}

/// Up to the client's wish, or to the point where TLS begins. Ends, since `decoder` takes each
/// request for encryption once.
asio::awaitable<negotiated>
negotiate(client_socket& client, const handshake_settings& rules, wire::startup_decoder& decoder) {
    const phase_deadline deadline(client.socket(), rules.startup_timeout);
    const bool offers_tls = rules.tls_passthrough || (rules.tls != nullptr && !client.uses_tls());
    bool present = true;
    if (offers_tls) {
        const auto first = co_await client.peek();
        present = first.has_value();
        if (present && wire::classify_first_byte(*first) == wire::first_bytes::direct_tls) {
            co_return tls_wanted(true);
        }
    }
    for (;;) {
        const bool complete = present && co_await read_message(client, decoder);
        if (!complete) {
            handshake_result ended = client_disconnected();
            if (deadline.expired()) {
                ended = startup_too_slow();
            }
            co_return ended;
        }
        auto startup_packet = decoder.take();
        if (!is_encryption_request(startup_packet)) {
            co_return to_greeting(std::move(startup_packet));
        }
        if (offers_tls && std::holds_alternative<wire::ssl_request>(startup_packet)) {
            decoder.end_encryption_requests();
            co_return tls_wanted(false);
        }
        constexpr std::string_view not_offered = "N"; // it goes on in the clear, or leaves
        present = co_await client.write(not_offered);
    }
}

/// Says 'S', but to those who have not waited for it: they could have been made to by somebody on
/// the way, to have what they sent taken for part of what TLS protects (CVE-2021-23222). It would
/// not be, since nothing is read here but by TLS; but it is no client of ours, and hears what
/// Postgres says. Nothing when TLS comes next.
asio::awaitable<std::optional<handshake_result>> agree_to_tls(client_socket& client) {
    std::optional<handshake_result> ended;
    if (client.has_unread()) {
        ended = bad_startup("received unencrypted data after SSL request");
        co_return ended;
    }
    constexpr std::string_view agreed = "S";
    const bool told = co_await client.write(agreed);
    if (!told) {
        ended = client_disconnected();
    }
    co_return ended;
}

/// Nothing when the connection is secured now.
asio::awaitable<std::optional<handshake_result>>
start_tls(client_socket& client, const handshake_settings& rules, bool at_once) {
    const phase_deadline deadline(client.socket(), rules.tls_timeout);
    std::optional<handshake_result> ended;
    if (!at_once) {
        ended = co_await agree_to_tls(client);
    }
    if (ended) {
        co_return ended;
    }
    auto context = rules.tls->current();
    const bool secured = co_await client.secure(std::move(context));
    if (deadline.expired()) {
        ended = tls_failed{"it took too long"};
    } else if (!secured && client.tls()->failure().empty()) {
        ended = client_disconnected();
    } else if (!secured) {
        ended = tls_failed{client.tls()->failure()};
    } else if (at_once && client.tls()->alpn_protocol() != wire::postgresql_protocol) {
        // Postgres 17 closes without a word, too.
        ended = tls_failed{"direct TLS without the protocol \"postgresql\" (ALPN)"};
    }
    co_return ended;
}

/// The first words of a client whose TLS is not for us.
asio::awaitable<handshake_result>
read_hello(client_socket& client, const handshake_settings& rules, bool at_once) {
    const phase_deadline deadline(client.socket(), rules.tls_timeout);
    if (!at_once) {
        auto ended = co_await agree_to_tls(client);
        if (ended) {
            co_return *std::move(ended);
        }
    }
    wire::client_hello_decoder decoder;
    const bool whole = co_await read_message(client, decoder);
    if (!whole) {
        handshake_result ended = client_disconnected();
        if (deadline.expired()) {
            ended = tls_failed{"it took too long"};
        }
        co_return ended;
    }
    auto first = decoder.take();
    if (auto* hello = std::get_if<wire::client_hello>(&first)) {
        co_return std::move(*hello);
    }
    const auto* const malformed = std::get_if<wire::malformed_client_hello>(&first);
    co_return tls_failed{malformed == nullptr ? "it is no TLS" : malformed->reason};
}

} // namespace

asio::awaitable<handshake_result>
handshake(client_socket& client, const handshake_settings& rules) {
    wire::startup_decoder decoder;
    auto first = co_await negotiate(client, rules, decoder);
    const auto* const wanted = std::get_if<tls_wanted>(&first);
    if (wanted != nullptr && rules.tls_passthrough) {
        auto greeted = co_await read_hello(client, rules, wanted->at_once);
        co_return greeted;
    }
    if (wanted != nullptr) {
        auto ended = co_await start_tls(client, rules, wanted->at_once);
        if (ended) {
            co_return *std::move(ended);
        }
        first = co_await negotiate(client, rules, decoder);
    }
    auto greeted = std::get<handshake_result>(std::move(first));
    const auto* const startup = std::get_if<wire::startup_message>(&greeted);
    const bool must_be_secured =
        rules.tls_passthrough || (rules.tls != nullptr && rules.tls->required());
    if (startup != nullptr && must_be_secured && !client.uses_tls()) {
        co_return encryption_required(client.host(), startup->user(), startup->database());
    }
    co_return greeted;
}

} // namespace wakegate::proxy
