#include "proxy/session/read_proxy_header.hpp"

#include "proxy/net/phase_deadline.hpp"
#include "proxy/net/read_message.hpp"
#include "proxy/wire/first_byte.hpp"
#include "proxy/wire/proxy_header.hpp"

#include <utility>

namespace wakegate::proxy {
namespace {

namespace asio = boost::asio;
using tcp = asio::ip::tcp;
using mode = proxy_protocol_policy::mode;

tcp::endpoint to_endpoint(const wire::proxied_endpoint& from) {
    if (const auto* const v4 = std::get_if<wire::ipv4_bytes>(&from.address)) {
        return {asio::ip::address_v4(*v4), from.port};
    }
    return {asio::ip::address_v6(std::get<wire::ipv6_bytes>(from.address)), from.port};
}

/// Nothing unless the header is malformed.
std::optional<handshake_result> believe(client_socket& client, wire::proxy_header header) {
    if (auto* const malformed = std::get_if<wire::malformed_proxy_header>(&header)) {
        return proxy_header_rejected{std::move(malformed->reason)};
    }
    if (const auto* const known = std::get_if<wire::proxied_connection>(&header)) {
        client.set_proxied_addresses({
            .client = to_endpoint(known->source),
            .gate = to_endpoint(known->destination),
        });
    } else if (std::holds_alternative<wire::unknown_connection>(header)) {
        client.set_proxied_addresses({});
    }
    return std::nullopt;
}

} // namespace

asio::awaitable<std::optional<handshake_result>>
read_proxy_header(client_socket& client, const proxy_protocol_policy& rules, milliseconds timeout) {
    if (rules.policy == mode::off) {
        co_return std::nullopt;
    }
    const phase_deadline deadline(client.socket(), timeout);
    wire::proxy_header_decoder decoder;
    std::optional<handshake_result> ended;
    // Health checks that only connect are let go before anything is said of their address.
    const auto first = co_await client.peek();
    bool present = first.has_value();
    if (present) {
        const bool begins = wire::classify_first_byte(*first) == wire::first_bytes::proxy_header;
        if (!begins && rules.policy == mode::optional) {
            co_return ended;
        }
        if (!rules.trusts(client.source())) {
            ended =
                proxy_header_rejected{"the sender is not in the listener's proxy_protocol.trusted"};
            co_return ended;
        }
        present = co_await read_message(client, decoder);
    }
    if (present) {
        ended = believe(client, decoder.take());
    } else if (deadline.expired()) {
        ended = startup_too_slow();
    } else {
        ended = client_disconnected();
    }
    co_return ended;
}

} // namespace wakegate::proxy
