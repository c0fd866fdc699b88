#pragma once

#include "common/clock.hpp"
#include "proxy/net/async_socket.hpp"

#include <boost/asio/awaitable.hpp>

#include <cstddef>
#include <span>
#include <string_view>

namespace wakegate::proxy {

/// Tells a dial what to make of a server that is silent in the middle of a login. Silence alone
/// does not tell "not there" from "slow": a Postgres that trusts its client says nothing before its
/// login triggers are done. Lives on the session's executor.
class login_timeout_policy {
public:
    virtual ~login_timeout_policy() = default;

    /// When the login ends unfinished, however well the server is.
    [[nodiscard]] virtual time_point until() const noexcept = 0;
    /// Asked after each `login_timeout` of silence, and when the time is over: if so, the login
    /// goes on until then. What waits on `server`, the dial's own, may be cancelled at any later
    /// time.
    [[nodiscard]] virtual boost::asio::awaitable<bool> server_is_there(async_socket& server) = 0;
};

/// The server's connection for the length of a login.
class login_connection {
public:
    /// What it is given outlives it. `silence`: after how much of it `patience` is asked.
    login_connection(
        async_socket& server, duration silence, login_timeout_policy& patience
    ) noexcept
        : server_(server), silence_(silence), patience_(patience) {}

    /// As `async_socket::write`; false also after so much silence.
    [[nodiscard]] boost::asio::awaitable<bool> write(std::string_view data);
    /// As `async_socket::read_some`; 0 also when the patience is at its end.
    [[nodiscard]] boost::asio::awaitable<std::size_t> read_some(std::span<char> room);

    /// The last read ended for silence.
    [[nodiscard]] bool gave_up() const noexcept { return gave_up_; }

private:
    async_socket& server_;
    duration silence_;
    login_timeout_policy& patience_;
    bool gave_up_ = false;
};

} // namespace wakegate::proxy
