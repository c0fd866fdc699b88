#include "proxy/session/send_error_and_close.hpp"

#include "common/log.hpp"
#include "common/no_throw.hpp"
#include "proxy/net/phase_deadline.hpp"

#include <boost/asio/buffer.hpp>

#include <array>
#include <cstddef>

namespace wakegate::proxy {

namespace asio = boost::asio;

namespace {

/// Closing a socket with unread bytes resets it, and a reset can overtake the error. So reads and
/// drops what the client still sends, within bounds, until it hangs up.
asio::awaitable<void> drain(client_socket& client) {
    constexpr auto timeout = seconds(2);
    constexpr std::size_t most = 64 * 1024;
    const phase_deadline deadline(client.socket(), timeout);
    std::array<char, 1024> dropped{};
    const auto room = asio::buffer(dropped);
    for (std::size_t total = 0; total < most;) {
        const auto [ended, count] = co_await client.socket().async_read_some(room, no_throw);
        if (ended) {
            break;
        }
        total += count;
    }
}

} // namespace

asio::awaitable<void>
send_error_and_close(client_socket& client, client_error error, error_log_fields fields) {
    if (!fields.logged) {
        log_client_error("session_refused", client.peer(), error, fields);
    }
    const auto message = error.to_message();
    // Fits the send buffer: little or nothing was sent here before.
    co_await client.write(message);
    client.shutdown_send();
    co_await drain(client);
}

asio::awaitable<void> close_without_answer(client_socket& client, std::string reason) {
    log::info("startup_malformed").with("peer", client.peer()).with("reason", reason);
    client.shutdown_send();
    co_await drain(client);
}

} // namespace wakegate::proxy
