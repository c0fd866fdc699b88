#pragma once

#include "common/clock.hpp"
#include "proxy/net/client_socket.hpp"

#include <boost/asio/awaitable.hpp>

#include <functional>
#include <memory>
#include <string>

namespace wakegate::proxy {

/// Sends a held client one notice after a while that says what it waits for. Send AuthenticationOk
/// first: libpq, pgjdbc and others take an earlier notice for the end of the login. Lives on the
/// socket's executor; the socket outlives it.
class hold_notice {
public:
    /// `text` builds the whole message when it is due.
    hold_notice(client_socket& client, duration after, std::function<std::string()> text);
    hold_notice(const hold_notice&) = delete;
    hold_notice& operator=(const hold_notice&) = delete;
    ~hold_notice();

    [[nodiscard]] bool sent() const noexcept;

    /// Waits for a write under way: the next message must not cut into it.
    [[nodiscard]] boost::asio::awaitable<void> finish_sending() const;

private:
    struct state;
    /// Shared with handlers, which may outlive this in a queue.
    std::shared_ptr<state> state_;
};

} // namespace wakegate::proxy
