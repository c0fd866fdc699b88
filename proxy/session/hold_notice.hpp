#pragma once

#include "common/clock.hpp"
#include "proxy/net/client_socket.hpp"

#include <boost/asio/awaitable.hpp>

#include <functional>
#include <memory>
#include <string>

namespace wakegate::proxy {

/// Sends a held client one notice after a while, so that it knows what it waits for.
/// AuthenticationOk has to stand before it: libpq, pgjdbc and others take an earlier notice for the
/// end of the login. Lives on the socket's executor; the socket outlives it.
class hold_notice {
public:
    /// `text` gives all that is to be sent when its time has come.
    hold_notice(client_socket& client, duration after, std::function<std::string()> text);
    hold_notice(const hold_notice&) = delete;
    hold_notice& operator=(const hold_notice&) = delete;
    ~hold_notice();

    [[nodiscard]] bool sent() const noexcept;

    /// Waits until no part of the message is under way: what follows it must not come between.
    [[nodiscard]] boost::asio::awaitable<void> settle() const;

private:
    struct state;
    /// Shared with handlers, which may be queued when this goes.
    std::shared_ptr<state> state_;
};

} // namespace wakegate::proxy
