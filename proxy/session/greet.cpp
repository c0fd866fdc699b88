#include "proxy/session/greet.hpp"

#include "proxy/net/phase_deadline.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include <array>

namespace wakegate::proxy {
namespace {

namespace asio = boost::asio;
using tcp = asio::ip::tcp;

constexpr auto quiet = asio::as_tuple(asio::use_awaitable);

/// One request for TLS and one for GSSAPI; more is no negotiation but a loop.
constexpr int max_encryption_requests = 2;

/// False when the client left or its time was up.
asio::awaitable<bool> read_message(tcp::socket& client, wire::startup_decoder& decoder) {
    std::array<char, 1024> chunk{};
    while (decoder.wanted() > 0) {
        const auto size = std::min(decoder.wanted(), chunk.size());
        const auto buffer = asio::buffer(chunk.data(), size);
        const auto [error, count] = co_await client.async_read_some(buffer, quiet);
        if (error) {
            co_return false;
        }
        const std::string_view received(chunk.data(), count);
        decoder.feed(received);
    }
    co_return true;
}

/// 'N': not offered; the client goes on in the clear or leaves.
asio::awaitable<bool> decline_encryption(tcp::socket& client) {
    const auto answer = asio::buffer("N", 1);
    const auto [error, count] = co_await asio::async_write(client, answer, quiet);
    co_return !error;
}

bool is_encryption_request(const wire::opening& opening) {
    return std::holds_alternative<wire::ssl_request>(opening) ||
           std::holds_alternative<wire::gss_request>(opening);
}

greeting to_greeting(wire::opening opening) {
    if (auto* startup = std::get_if<wire::startup_message>(&opening)) {
        return std::move(*startup);
    }
    if (auto* cancel = std::get_if<wire::cancel_request>(&opening)) {
        return std::move(*cancel);
    }
    if (auto* malformed = std::get_if<wire::malformed_startup>(&opening)) {
        return bad_startup(malformed->reason);
    }
    return bad_startup("too many requests for encryption");
}

} // namespace

asio::awaitable<greeting> greet(tcp::socket& client, milliseconds timeout) {
    const phase_deadline deadline(client, timeout);
    wire::startup_decoder decoder;
    for (int requests = 0; requests <= max_encryption_requests; ++requests) {
        const bool complete = co_await read_message(client, decoder);
        if (!complete) {
            greeting ended = left_early();
            if (deadline.passed()) {
                ended = startup_too_slow();
            }
            co_return ended;
        }
        auto opening = decoder.take();
        if (!is_encryption_request(opening)) {
            co_return to_greeting(std::move(opening));
        }
        const bool answered = co_await decline_encryption(client);
        if (!answered) {
            co_return left_early();
        }
    }
    co_return bad_startup("too many requests for encryption");
}

} // namespace wakegate::proxy
