#pragma once

#include "common/clock.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>

#include <functional>
#include <memory>
#include <string>

namespace wakegate::proxy {

/// Sends a held client one message after a while, so that it knows what it waits for. Only for a
/// client that has AuthenticationOk: before that libpq, pgjdbc and others take a notice for the end
/// of the login. Lives on the socket's executor; the socket outlives it.
class hold_notice {
public:
    /// `text` gives the whole message when its time has come.
    hold_notice(
        boost::asio::ip::tcp::socket& client, duration after, std::function<std::string()> text
    );
    hold_notice(const hold_notice&) = delete;
    hold_notice& operator=(const hold_notice&) = delete;
    ~hold_notice();

    [[nodiscard]] bool sent() const noexcept { return *sent_; }

private:
    boost::asio::steady_timer timer_;
    /// Shared with the timer's handler, which may be queued when this goes.
    std::shared_ptr<bool> sent_;
    std::shared_ptr<bool> over_;
};

} // namespace wakegate::proxy
