#include "proxy/session/read_proxy_header.hpp"

#include "proxy/net/phase_deadline.hpp"
#include "proxy/net/read_message.hpp"
#include "proxy/wire/first_byte.hpp"
#include "proxy/wire/proxy_header.hpp"

#include <string>
#include <utility>

namespace wakegate::proxy {
namespace {

namespace asio = boost::asio;
using tcp = asio::ip::tcp;
using mode = proxy_protocol_mode;

tcp::endpoint to_endpoint(const wire::proxied_endpoint& from) {
    if (const auto* const v4 = std::get_if<wire::ipv4_bytes>(&from.address)) {
        return {asio::ip::address_v4(*v4), from.port};
    }
    return {asio::ip::address_v6(std::get<wire::ipv6_bytes>(from.address)), from.port};
}

handshake_error rejected(std::string reason) {
    return {handshake_errc::proxy_header_rejected, std::move(reason)};
}

handshake_result<> apply(client_socket& client, wire::proxy_header header) {
    if (auto* const malformed = std::get_if<wire::malformed_proxy_header>(&header)) {
        return rejected(std::move(malformed->reason));
    }
    if (const auto* const known = std::get_if<wire::proxied_connection>(&header)) {
        client.set_proxied_addresses({
            .client = to_endpoint(known->source),
            .gate = to_endpoint(known->destination),
        });
    } else if (std::holds_alternative<wire::unknown_connection>(header)) {
        client.set_proxied_addresses({});
    }
    return {};
}

} // namespace

asio::awaitable<handshake_result<>> read_proxy_header(
    client_socket& client, const proxy_protocol_policy& policy, milliseconds timeout
) {
    if (policy.mode == mode::off) {
        co_return handshake_result<>();
    }
    const phase_deadline deadline(client.socket(), timeout);
    wire::proxy_header_decoder decoder;
    // Health checks only connect: they go without a log line about their address.
    const auto first = co_await client.peek();
    bool connected = first.has_value();
    if (connected) {
        const bool begins = wire::classify_first_byte(*first) == wire::first_bytes::proxy_header;
        if (!begins && policy.mode == mode::optional) {
            co_return handshake_result<>();
        }
        if (!policy.trusts(client.source())) {
            co_return rejected("the sender is not in the listener's proxy_protocol.trusted");
        }
        connected = co_await read_message(client, decoder);
    }
    if (connected) {
        co_return apply(client, decoder.take());
    }
    co_return handshake_error{
        deadline.expired() ? handshake_errc::startup_timeout : handshake_errc::client_disconnected
    };
}

} // namespace wakegate::proxy
