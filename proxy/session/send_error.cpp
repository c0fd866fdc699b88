#include "proxy/session/send_error.hpp"

#include "common/log.hpp"
#include "proxy/net/phase_deadline.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <array>
#include <string>
#include <utility>

namespace wakegate::proxy {

namespace asio = boost::asio;

namespace {

/// Closing a socket with unread bytes resets it, and the reset can overtake the refusal. So what
/// the client still sends is read and dropped, within bounds, until it has hung up.
asio::awaitable<void> linger(client_socket& client) {
    constexpr auto patience = seconds(2);
    constexpr std::size_t most = 64 * 1024;
    const phase_deadline deadline(client.socket(), patience);
    std::array<char, 1024> dropped{};
    const auto room = asio::buffer(dropped);
    constexpr auto quiet = asio::as_tuple(asio::use_awaitable);
    for (std::size_t total = 0; total < most;) {
        const auto [ended, count] = co_await client.socket().async_read_some(room, quiet);
        if (ended) {
            break;
        }
        total += count;
    }
}

asio::awaitable<void>
say_last(client_socket& client, client_error why, error_log_fields notes, std::string message) {
    if (!notes.logged) {
        log_refusal("session_refused", client.peer(), why, notes);
    }
    // Small enough for the empty send buffer of a connection that was told nothing yet.
    co_await client.write(message);
    client.shutdown_send();
    co_await linger(client);
}

} // namespace

asio::awaitable<void> send_error(client_socket& client, client_error text, error_log_fields notes) {
    auto message = text.to_message();
    co_await say_last(client, std::move(text), notes, std::move(message));
}

asio::awaitable<void>
close_silently(client_socket& client, const wire::malformed_startup& first_message) {
    log::info("startup_malformed").with("peer", client.peer()).with("reason", first_message.reason);
    client.shutdown_send();
    co_await linger(client); // or its unread bytes make the end of the stream a reset
}

asio::awaitable<void>
send_tls_alert(client_socket& client, client_error text, error_log_fields notes) {
    constexpr char internal_error = 80;
    constexpr char unrecognized_name = 112;
    const bool is_unknown = text.sqlstate == no_such_server("").sqlstate;
    // One record (5.1) of one fatal alert, in the version that everybody reads.
    std::string alert = {0x15, 3, 3, 0, 2, 2};
    alert += is_unknown ? unrecognized_name : internal_error;
    co_await say_last(client, std::move(text), notes, std::move(alert));
}

asio::awaitable<void> send_error_and_close(
    client_socket& client, const listener& listener, client_error text, error_log_fields notes
) {
    if (listener.tls_passthrough) {
        co_await send_tls_alert(client, std::move(text), notes);
    } else {
        co_await send_error(client, std::move(text), notes);
    }
}

} // namespace wakegate::proxy
